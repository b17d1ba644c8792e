//! The filter above the lists: words that must all be found, some of them in one column only.
//!
//! `data` looks everywhere; `type:gp3`, `size:8`, `tag:Team=web` and `tag:Team` look in one place; `is:unattached`, `is:unassociated` and
//! `is:open` find what deserves a look; `-word` must not be found; quotes keep blanks together. Case does not matter.

use nephoscope_model::{
    Account,
    ec2::{Resource, ResourceKind},
    filter_words::{contains, exclusion, words},
};

use super::columns::{ACCOUNT_ID, Column, columns};

/// Where a word is looked for.
#[derive(Clone)]
enum Where {
    Anywhere,
    Column(&'static Column),
    /// By the account's name or by its id.
    Account(&'static Column),
    /// A tag with this key (lower case).
    Tag(String),
    /// Whether it deserves a look.
    Remark,
}

#[derive(Clone)]
struct Term {
    place: Where,
    /// Lower case.
    word: String,
    /// Whether it must not be found.
    excluded: bool,
}

/// A parsed filter of one list.
#[derive(Clone)]
pub struct Filter {
    kind: ResourceKind,
    terms: Vec<Term>,
}

impl Filter {
    /// Reads what a person typed. Every text is a filter.
    #[must_use]
    pub fn parse(kind: ResourceKind, text: &str) -> Self {
        Self { kind, terms: words(text).iter().filter_map(|word| Term::parse(kind, word)).collect() }
    }

    /// Whether a resource passes.
    #[must_use]
    pub fn matches(&self, resource: &Resource, accounts: &[Account]) -> bool {
        self.terms.iter().all(|term| term.found_in(self.kind, resource, accounts) != term.excluded)
    }
}

impl Term {
    fn parse(kind: ResourceKind, word: &str) -> Option<Self> {
        let (excluded, word) = exclusion(word);
        let (place, word) = place_of(kind, word);
        let word = word.to_lowercase();
        let says_something = !word.is_empty() || matches!(&place, Where::Tag(key) if !key.is_empty());
        says_something.then_some(Self { place, word, excluded })
    }

    fn found_in(&self, kind: ResourceKind, resource: &Resource, accounts: &[Account]) -> bool {
        let has = |text: &str| contains(text, &self.word);
        let in_column = |column: &Column| {
            let text = column.text(resource, accounts);
            if column.whole { text == self.word } else { has(&text) }
        };
        match &self.place {
            Where::Column(column) => in_column(column),
            Where::Account(column) => in_column(column) || in_column(&ACCOUNT_ID),
            Where::Tag(key) => {
                resource.tags().iter().any(|tag| tag.key.to_lowercase() == *key && has(&tag.value))
            }
            Where::Remark => kind.remark() == Some(self.word.as_str()) && resource.is_remarkable(),
            Where::Anywhere => columns(kind).iter().any(|column| has(&column.text(resource, accounts))),
        }
    }
}

fn place_of(kind: ResourceKind, word: &str) -> (Where, &str) {
    let Some((column, rest)) = word.split_once(':') else { return (Where::Anywhere, word) };
    match column.to_ascii_lowercase().as_str() {
        "tag" => {
            let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
            (Where::Tag(key.to_lowercase()), value)
        }
        "is" => (Where::Remark, rest),
        name => match columns(kind).iter().find(|column| column.key == name) {
            Some(column) if name == "account" => (Where::Account(column), rest),
            Some(column) => (Where::Column(column), rest),
            // A colon in a value, such as an IPv6 address or a time.
            None => (Where::Anywhere, word),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::tests::{accounts, address, group, volume};
    use super::*;

    fn finds(resource: &Resource, text: &str) -> bool {
        Filter::parse(resource.kind(), text).matches(resource, &accounts())
    }

    #[test]
    fn words_are_looked_for_everywhere_or_in_one_column() {
        let data = volume(8, "data-disk", true);
        for good in [
            "",
            "DATA",
            "disk gp3",
            "name:data type:gp3 state:in-use",
            "size:8",
            "iops:3000",
            "encrypted:yes",
            "instance:i-0123",
            "account:production",
            "account:1111",
            "region:us-east",
            "tag:team=DATA",
            "tag:Team",
            "created:1970",
            "-is:unattached",
            "-name:web",
            "-",
            "type:",
        ] {
            assert!(finds(&data, good), "{good}");
        }
        for bad in [
            "web",
            "size:80",
            "is:unattached",
            "is:open",
            "is:x",
            "-data",
            "tag:Other",
            "tag:team=web",
            "colour:red",
            "instance:none",
        ] {
            assert!(!finds(&data, bad), "{bad}");
        }
    }

    #[test]
    fn what_deserves_a_look_is_found_by_one_word() {
        assert!(finds(&volume(1, "idle", false), "is:unattached"));
        assert!(finds(&address("203.0.113.7"), "is:unassociated ip:203.0"));
        assert!(finds(&group(), "is:open inbound:\"tcp 22\" vpc:vpc-1"));
        assert!(!finds(&group(), "is:unattached") && !finds(&group(), "outbound:22"));
    }
}
