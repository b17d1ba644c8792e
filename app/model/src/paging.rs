//! Pages of the lists that are merged over accounts and regions. A page goes on after a key and not after a number of items, so that it is
//! right when items come or go between two requests: none that stays is told twice or left out.

use std::{borrow::Cow, fmt, str::FromStr};

use crate::{
    AccountId, Error, Region,
    ec2::{ElasticAddress, Instance, ListPrice, SecurityGroup, Snapshot, StatusChecks, Volume},
    lambda::{Function, FunctionMeasures},
    logs::LogGroup,
    s3::Bucket,
};

/// What tells an item from all others of its list. Keys are in the order of account, region and own key, each compared as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemKey<'a> {
    /// The account; empty for items that do not tell theirs.
    account: Cow<'a, str>,
    /// The region; empty for items that do not tell theirs.
    region: Cow<'a, str>,
    /// The id or name, unique there.
    own: Cow<'a, str>,
}

impl<'a> ItemKey<'a> {
    fn new(account: &'a str, region: &'a str, own: impl Into<Cow<'a, str>>) -> Self {
        Self { account: account.into(), region: region.into(), own: own.into() }
    }

    fn into_owned(self) -> ItemKey<'static> {
        ItemKey {
            account: self.account.into_owned().into(),
            region: self.region.into_owned().into(),
            own: self.own.into_owned().into(),
        }
    }
}

/// `account/region/own`: only the last part may have slashes of its own.
impl fmt::Display for ItemKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.account, self.region, self.own)
    }
}

impl FromStr for ItemKey<'static> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let no_key = || Error::invalid("This is not the key of an item: account/region/id.");
        let mut parts = text.splitn(3, '/');
        let (Some(account), Some(region), Some(own)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(no_key());
        };
        let is_account = account.is_empty() || account.parse::<AccountId>().is_ok();
        let is_region = region.is_empty() || region.parse::<Region>().is_ok();
        if is_account && is_region && !own.is_empty() {
            Ok(ItemKey::new(account, region, own).into_owned())
        } else {
            Err(no_key())
        }
    }
}

/// Items that have a key in their lists.
pub trait Keyed {
    /// The key.
    fn key(&self) -> ItemKey<'_>;
}

impl<T: Keyed> Keyed for &T {
    fn key(&self) -> ItemKey<'_> {
        T::key(self)
    }
}

macro_rules! keyed {
    ($($type:ty: $own:ident;)+) => {
        $(impl Keyed for $type {
            fn key(&self) -> ItemKey<'_> {
                ItemKey::new(self.account.as_str(), self.region.as_str(), self.$own.as_str())
            }
        })+
    };
}

keyed! {
    Instance: id;
    Volume: id;
    Snapshot: id;
    ElasticAddress: id;
    SecurityGroup: id;
    Bucket: name;
    Function: name;
    FunctionMeasures: name;
    LogGroup: name;
}

/// Checks name their instance only, whose id no other has anywhere.
impl Keyed for StatusChecks {
    fn key(&self) -> ItemKey<'_> {
        ItemKey::new("", "", self.id.as_str())
    }
}

/// Prices are the same for every account.
impl Keyed for ListPrice {
    fn key(&self) -> ItemKey<'_> {
        let own = format!("{}/{}", self.key.instance_type, self.key.platform);
        ItemKey::new("", self.key.region.as_str(), own)
    }
}

/// The first `limit` items, at least one, behind a key in the order of keys, and the key of the last of them when there are more.
#[must_use]
pub fn cut<T: Keyed>(
    items: impl IntoIterator<Item = T>,
    after: Option<&ItemKey<'_>>,
    limit: usize,
) -> (Vec<T>, Option<ItemKey<'static>>) {
    let is_behind = |item: &T| after.is_none_or(|after| item.key() > *after);
    let mut page: Vec<T> = items.into_iter().filter(is_behind).collect();
    page.sort_by(|a, b| a.key().cmp(&b.key()));
    let has_more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| has_more).map(|item| item.key().into_owned());
    (page, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::{CheckStatus, PriceKey};

    fn group(account: u64, region: &str, name: &str) -> LogGroup {
        LogGroup {
            name: name.to_owned(),
            account: format!("{account:012}").parse().expect("an account"),
            region: region.parse().expect("a region"),
            stored_bytes: 0,
            retention_days: None,
        }
    }

    /// As lists have them: in the estate's order, which is not that of keys.
    fn groups() -> Vec<LogGroup> {
        vec![
            group(2, "us-east-1", "/b"),
            group(2, "eu-west-1", "/c"),
            group(1, "us-east-1", "/z"),
            group(1, "us-east-1", "/a/b"),
            group(1, "us-east-1", "/a"),
        ]
    }

    fn keys<T: Keyed>(items: &[T]) -> Vec<String> {
        items.iter().map(|item| item.key().to_string()).collect()
    }

    /// All pages, in order.
    fn walk(items: &[LogGroup], limit: usize) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut after = None;
        loop {
            let (page, next) = cut(items, after.as_ref(), limit);
            pages.push(keys(&page));
            if next.is_none() {
                return pages;
            }
            after = next;
        }
    }

    const IN_ORDER: [&str; 5] = [
        "000000000001/us-east-1//a",
        "000000000001/us-east-1//a/b",
        "000000000001/us-east-1//z",
        "000000000002/eu-west-1//c",
        "000000000002/us-east-1//b",
    ];

    #[test]
    fn pages_of_any_length_are_the_whole_list_by_account_region_and_name() {
        for limit in 1..=6 {
            let pages = walk(&groups(), limit);
            assert_eq!(pages.concat(), IN_ORDER, "{limit}");
            assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit), "{limit}: {pages:?}");
        }
    }

    #[test]
    fn a_last_page_that_is_full_is_the_last() {
        let four = &groups()[1..];
        assert_eq!(walk(four, 2).len(), 2);
        assert_eq!(walk(four, 4).len(), 1);
        let (page, next) = cut(four, None, 3);
        assert_eq!(next.map(|next| next.to_string()).as_deref(), keys(&page).last().map(String::as_str));
    }

    #[test]
    fn nothing_has_one_page_without_items() {
        assert_eq!(walk(&[], 10), [Vec::<String>::new()]);
        let last: ItemKey<'static> = IN_ORDER[4].parse().expect("a key");
        assert_eq!(cut(groups(), Some(&last), 10), (vec![], None));
    }

    #[test]
    fn a_page_goes_on_where_an_item_is_gone_and_tells_those_that_came_behind_it() {
        let mut items = groups();
        let (_, next) = cut(&items, None, 2);
        let next = next.expect("more");
        // The item that ended the page goes; one comes before it, and one behind it.
        items.retain(|item| item.name != "/a/b");
        items.push(group(1, "us-east-1", "/0"));
        items.push(group(1, "us-east-1", "/b"));
        let (page, _) = cut(&items, Some(&next), 10);
        let expected = [&["000000000001/us-east-1//b"], &IN_ORDER[2..]].concat();
        assert_eq!(keys(&page), expected);
    }

    #[test]
    fn keys_are_text_and_back() {
        let price = ListPrice {
            key: PriceKey {
                region: "eu-west-1".parse().expect("a region"),
                instance_type: "t3.micro".to_owned(),
                platform: "Linux/UNIX".to_owned(),
            },
            micros_per_hour: None,
        };
        let checks = StatusChecks {
            id: "i-0000000000000000a".parse().expect("an id"),
            system: CheckStatus::Ok,
            instance: CheckStatus::Ok,
            attached_disks: None,
            events: vec![],
        };
        let group = group(1, "us-east-1", "/a/é");
        for (key, text) in [
            (price.key(), "/eu-west-1/t3.micro/Linux/UNIX"),
            (checks.key(), "//i-0000000000000000a"),
            (group.key(), "000000000001/us-east-1//a/é"),
        ] {
            assert_eq!(key.to_string(), text);
            assert_eq!(text.parse::<ItemKey<'static>>().as_ref(), Ok(&key));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in
            ["", "a", "//", "1/us-east-1/a", "000000000001/x/a", "000000000001/us-east-1", "/eu-west-1/"]
        {
            assert!(bad.parse::<ItemKey<'static>>().is_err(), "{bad}");
        }
    }
}
