//! Pages of the lists that are merged over accounts and regions: for those who ask for them, everybody else gets the whole list.

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nephoscope_model::{
    Error, Listing, Source,
    paging::{ItemKey, Keyed, cut},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Params;
use crate::server::problem::ApiError;

/// Items of a page when nobody says how many.
const PAGE_ITEMS: u16 = 100;

/// Which page of a list. Without either the list comes whole.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct PageParams {
    /// How many items, 1 to 1,000; 100 when only `after` is given. They come by account, region and id or name.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u16>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]+$")]
    after: Option<String>,
}

/// A list merged over accounts × regions, or a page of it. A source that failed is named and never empties the list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct ListingPage<T> {
    /// What was found.
    items: Vec<T>,
    /// Where was looked, in the estate's order; the same with every page.
    sources: Vec<Source>,
    /// What to give as `after` to go on; only with a page behind which there are more items.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What somebody wants of a list. Taken from the request, so that a page that makes no sense is refused before AWS is asked.
#[derive(Debug)]
pub(in crate::server) enum Paging {
    /// All of it.
    Whole,
    /// A page.
    Page(Cut),
}

/// Where a page begins and how long it is.
#[derive(Debug)]
pub(in crate::server) struct Cut {
    after: Option<ItemKey<'static>>,
    limit: usize,
}

impl TryFrom<PageParams> for Paging {
    type Error = Error;

    fn try_from(PageParams { limit, after }: PageParams) -> Result<Self, Error> {
        if limit.is_none() && after.is_none() {
            return Ok(Self::Whole);
        }
        let limit = limit.unwrap_or(PAGE_ITEMS);
        if !(1..=1_000).contains(&limit) {
            return Err(Error::invalid("A page has 1 to 1,000 items."));
        }
        let after = after.as_deref().map(read_next).transpose()?;
        Ok(Self::Page(Cut { after, limit: limit.into() }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Params(params) = Params::<PageParams>::from_request_parts(parts, state).await?;
        Ok(params.try_into()?)
    }
}

impl Paging {
    /// What is wanted of this list.
    pub(in crate::server) fn of<T: Keyed>(&self, Listing { items, sources }: Listing<T>) -> ListingPage<T> {
        match self {
            Self::Whole => ListingPage { items, sources, next: None },
            Self::Page(cut) => cut.of(items, sources),
        }
    }
}

impl Cut {
    /// The page of these items.
    pub(in crate::server) fn of<T: Keyed>(
        &self,
        items: impl IntoIterator<Item = T>,
        sources: Vec<Source>,
    ) -> ListingPage<T> {
        let (items, next) = cut(items, self.after.as_ref(), self.limit);
        ListingPage { items, sources, next: next.as_ref().map(write_next) }
    }
}

/// A key as text that can stand in an address as it is.
fn write_next(key: &ItemKey<'_>) -> String {
    URL_SAFE_NO_PAD.encode(key.to_string())
}

fn read_next(text: &str) -> Result<ItemKey<'static>, Error> {
    let key = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.and_then(|key| key.parse().ok()).ok_or_else(|| {
        Error::invalid("What stands in after was not the next of a page.")
            .with_hint("Give the next of the page before as it is, or leave after out for the first page.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_next_is_understood_again_and_needs_no_escaping() {
        for text in ["111111111111/eu-west-1/i-0000000000000000a", "//i-1", "/eu-west-1/ÿþ?>~/UNIX"] {
            let key: ItemKey<'static> = text.parse().expect("a key");
            let next = write_next(&key);
            assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{next}");
            assert_eq!(read_next(&next), Ok(key));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_do() {
        let long = URL_SAFE_NO_PAD.encode("111111111111/eu-west-1/");
        for bad in [
            "",
            "a",
            "%",
            "i-0000000000000000a",
            "Li8v=",
            "_w",
            &long,
            &URL_SAFE_NO_PAD.encode([b'/', b'/', 0xff]),
        ] {
            let refused = read_next(bad).expect_err(bad);
            assert!(refused.hint.is_some(), "{bad}");
        }
    }
}
