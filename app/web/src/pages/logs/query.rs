//! What of the logs is shown: it all stands in the URL.

use nephoscope_model::{Place, Result, Scope};

use crate::{
    params::Params,
    paths::{self, Link},
};

/// The names of the page's own parameters.
pub mod param {
    /// A stream; repeated for several, since names may contain anything but `:` and `*`.
    pub const STREAM: &str = "stream";
    /// The filter of the lines.
    pub const TEXT: &str = "q";
    /// The filter of the groups.
    pub const FIND: &str = "find";
}

/// The lines that are asked for: they are read again when this changes, and only then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Where the group is.
    pub place: Place,
    /// Its name.
    pub group: String,
    /// Its streams, sorted; empty for all.
    pub streams: Vec<String>,
}

impl Chosen {
    /// Reads it from the URL; `None` when no group is chosen.
    ///
    /// # Errors
    /// `invalid_input` when the address names a group but not its place.
    pub fn from_params(params: &Params) -> Result<Option<Self>> {
        let group = params.get(paths::param::GROUP);
        if group.is_empty() {
            return Ok(None);
        }
        let place = paths::parse_place(&params.get(paths::param::AT))?;
        let chosen = Self { place, group, streams: Vec::new() };
        Ok(Some(chosen.with_streams(params.all(param::STREAM))))
    }

    /// Its address, with a filter of the lines.
    #[must_use]
    pub fn href(&self, text: &str, scope: &Scope) -> String {
        let link = Link::new("/logs").at(&self.place).query(paths::param::GROUP, &self.group);
        self.streams
            .iter()
            .fold(link, |link, stream| link.query(param::STREAM, stream))
            .query(param::TEXT, text)
            .scope(scope)
            .build()
    }

    /// The hidden fields of a form that keeps it.
    #[must_use]
    pub fn fields(&self, scope: &Scope) -> Vec<(&'static str, String)> {
        let mut fields =
            vec![(paths::param::AT, self.place.to_string()), (paths::param::GROUP, self.group.clone())];
        fields.extend(self.streams.iter().map(|stream| (param::STREAM, stream.clone())));
        fields.extend(scope.account_query().map(|accounts| (paths::param::ACCOUNT, accounts)));
        fields.extend(scope.region_query().map(|regions| (paths::param::REGION, regions)));
        fields
    }

    /// The same with a stream added or taken away.
    #[must_use]
    pub fn toggled(&self, stream: &str) -> Self {
        let mut streams = self.streams.clone();
        if let Some(index) = streams.iter().position(|known| known == stream) {
            streams.remove(index);
        } else {
            streams.push(stream.to_owned());
            streams.sort_unstable();
        }
        Self { streams, ..self.clone() }
    }

    /// The same with these streams.
    #[must_use]
    pub fn with_streams(&self, mut streams: Vec<String>) -> Self {
        streams.sort_unstable();
        streams.dedup();
        Self { streams, ..self.clone() }
    }

    /// The same with all streams.
    #[must_use]
    pub fn with_all_streams(&self) -> Self {
        Self { streams: Vec::new(), ..self.clone() }
    }
}

/// The address of the groups that a search finds.
#[must_use]
pub fn groups_href(find: &str, scope: &Scope) -> String {
    Link::new("/logs").query(param::FIND, find).scope(scope).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(search: &str) -> Result<Option<Chosen>> {
        Chosen::from_params(&Params::parse(search))
    }

    #[test]
    fn streams_with_any_characters_survive_the_url() {
        let chosen = read(
            "at=111111111111/us-east-1&group=/aws/lambda/a&stream=2026/11/20/[$LATEST]a,b\
             &stream=a%26b%3Dc%2541&stream=a%26b%3Dc%2541",
        )
        .expect("good")
        .expect("a group");
        assert_eq!(chosen.streams, ["2026/11/20/[$LATEST]a,b", "a&b=c%41"]);
        assert_eq!(
            chosen.href("x y", &Scope::default()),
            "/logs?at=111111111111/us-east-1&group=/aws/lambda/a\
             &stream=2026/11/20/%5B%24LATEST%5Da,b&stream=a%26b%3Dc%2541&q=x%20y"
        );
        assert_eq!(chosen.toggled("a&b=c%41").streams.len(), 1);
        assert_eq!(chosen.toggled("new").streams.len(), 3);
        assert!(chosen.with_all_streams().streams.is_empty());
        // As a browser lists ticked boxes: in their order on the page.
        let ticked = ["a&b=c%41", "2026/11/20/[$LATEST]a,b", "a&b=c%41"].map(str::to_owned);
        assert_eq!(chosen.with_streams(ticked.to_vec()), chosen);
    }

    #[test]
    fn a_group_needs_its_place_and_no_group_is_no_error() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("group="), Ok(None));
        assert!(read("group=/g").is_err());
        assert!(read("group=/g&at=x/y").is_err());
    }
}
