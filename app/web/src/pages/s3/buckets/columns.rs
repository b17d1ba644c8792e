//! The columns of the list of buckets, and its filter.
//!
//! `logs` looks everywhere; `name:logs`, `region:eu` and `created:2024-05` look in one place; `-word` must not be found; quotes keep blanks
//! together. Case does not matter.

use std::cmp::Ordering;

use nephoscope_model::{
    Account, Timestamp,
    filter_words::{contains, exclusion, words},
    s3::Bucket,
};

use crate::{
    listing,
    sorting::{missing_last, natural},
};

impl listing::Row for Bucket {
    fn key(&self) -> String {
        self.name.to_string()
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Account,
    Region,
    Created,
    AccountId,
    Arn,
}

/// All of them, from left to right.
pub(super) const ALL: &[Column] =
    &[Column::Name, Column::Account, Column::Region, Column::Created, Column::AccountId, Column::Arn];

impl listing::Column for Column {
    fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Account => "account",
            Self::Region => "region",
            Self::Created => "created",
            Self::AccountId => "account-id",
            Self::Arn => "arn",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Account => "Account",
            Self::Region => "Region",
            Self::Created => "Created",
            Self::AccountId => "Account ID",
            Self::Arn => "ARN",
        }
    }

    fn is_usual(self) -> bool {
        !matches!(self, Self::AccountId | Self::Arn)
    }

    fn begins_descending(self) -> bool {
        self == Self::Created
    }
}

impl Column {
    /// What it says of a bucket; empty when there is nothing to say. Times are UTC.
    pub(super) fn text(self, bucket: &Bucket, accounts: &[Account]) -> String {
        match self {
            Self::Name => bucket.name.to_string(),
            Self::Account => {
                let known = accounts.iter().find(|account| account.id == bucket.account);
                known.map_or_else(|| bucket.account.to_string(), |account| account.name.clone())
            }
            Self::Region => bucket.region.to_string(),
            Self::Created => bucket.created_at.map(Timestamp::to_utc_text).unwrap_or_default(),
            Self::AccountId => bucket.account.to_string(),
            Self::Arn => bucket.arn(),
        }
    }

    /// The order of two buckets. No two of a partition have one name.
    pub(super) fn compare(self, a: &Bucket, b: &Bucket, descending: bool, accounts: &[Account]) -> Ordering {
        let order = if self == Self::Created {
            missing_last(a.created_at, b.created_at, descending, Ord::cmp)
        } else {
            let text = |bucket| Some(self.text(bucket, accounts));
            missing_last(text(a), text(b), descending, |a, b| natural(a, b))
        };
        order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.place().cmp(&b.place()))
    }
}

/// A word of the filter.
struct Term {
    /// Nothing for anywhere.
    column: Option<Column>,
    /// Lower case.
    word: String,
    /// Whether it must not be found.
    excluded: bool,
}

/// A parsed filter.
pub(super) struct Filter(Vec<Term>);

impl Filter {
    /// Reads what a person typed. Every text is a filter.
    pub(super) fn parse(text: &str) -> Self {
        let term = |word: &String| {
            let (excluded, word) = exclusion(word);
            let named = word.split_once(':').and_then(|(key, rest)| {
                let key = key.to_ascii_lowercase();
                Some((ALL.iter().copied().find(|column| listing::Column::key(*column) == key)?, rest))
            });
            let (column, word) = named.map_or((None, word), |(column, rest)| (Some(column), rest));
            (!word.is_empty()).then(|| Term { column, word: word.to_lowercase(), excluded })
        };
        Self(words(text).iter().filter_map(term).collect())
    }

    /// Whether a bucket passes. An account is found by its id, too.
    pub(super) fn passes(&self, bucket: &Bucket, accounts: &[Account]) -> bool {
        self.0.iter().all(|Term { column, word, excluded }| {
            let has = |column: Column| contains(&column.text(bucket, accounts), word);
            let found = match column {
                Some(Column::Account) => has(Column::Account) || has(Column::AccountId),
                Some(column) => has(*column),
                None => {
                    [Column::Name, Column::Account, Column::AccountId, Column::Region].into_iter().any(has)
                }
            };
            found != *excluded
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use nephoscope_model::scope::AccountColor;

    use super::*;

    pub(in super::super) fn accounts() -> Vec<Account> {
        vec![Account {
            id: "111111111111".parse().expect("an id"),
            name: "Production".to_owned(),
            color: AccountColor::Red,
            regions: Vec::new(),
        }]
    }

    pub(in super::super) fn bucket(name: &str, region: &str, created: Option<i64>) -> Bucket {
        Bucket {
            name: name.parse().expect("a name"),
            account: "111111111111".parse().expect("an id"),
            region: region.parse().expect("a region"),
            created_at: created.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn buckets_are_found_by_words_anywhere_or_in_one_column() {
        let logs = bucket("logs-eu", "eu-west-1", Some(0));
        let finds = |text: &str| Filter::parse(text).passes(&logs, &accounts());
        for good in [
            "",
            "LOGS",
            "eu-west",
            "produc",
            "1111",
            "logs -assets",
            "name:logs region:eu",
            "account:1111 account:production",
            "created:1970-01",
            "arn::logs",
            "-region:us",
            "region:",
        ] {
            assert!(finds(good), "{good}");
        }
        for bad in ["assets", "name:eu-west", "-logs", "colour:red", "created:2024", "logs assets"] {
            assert!(!finds(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_not_known_comes_last_and_numbers_sort_as_numbers() {
        let list = [
            bucket("b-10", "us-east-1", Some(5)),
            bucket("b-9", "us-east-1", None),
            bucket("alpha", "eu-west-1", Some(7)),
        ];
        let order = |column: Column, descending| {
            let mut list = list.to_vec();
            list.sort_by(|a, b| column.compare(a, b, descending, &accounts()));
            list.into_iter().map(|it| it.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(order(Column::Name, false), ["alpha", "b-9", "b-10"]);
        assert_eq!(order(Column::Created, true), ["alpha", "b-10", "b-9"]);
        assert_eq!(order(Column::Region, false), ["alpha", "b-10", "b-9"]);
    }
}
