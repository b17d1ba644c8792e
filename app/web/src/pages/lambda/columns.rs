//! The columns of the list: what each shows, and how it sorts.

use std::{cmp::Ordering, collections::HashMap};

use nephoscope_model::{
    Account, Place,
    lambda::{Function, FunctionMeasures, FunctionName},
};

use crate::{
    charts::unit::bytes,
    listing,
    sorting::{missing_last, natural},
};

/// What is known beside the functions themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// The accounts, for their names.
    pub accounts: Vec<Account>,
    /// What functions did in the last day.
    measures: HashMap<(Place, FunctionName), FunctionMeasures>,
}

impl Beside {
    /// Of these accounts and measures.
    #[must_use]
    pub fn new(accounts: Vec<Account>, measures: Vec<FunctionMeasures>) -> Self {
        let measures = measures.into_iter().map(|it| ((it.place(), it.name.clone()), it)).collect();
        Self { accounts, measures }
    }

    /// What a function did in the last day, if that is known.
    #[must_use]
    pub fn measures_of(&self, function: &Function) -> Option<&FunctionMeasures> {
        if self.measures.is_empty() {
            return None;
        }
        self.measures.get(&(function.place(), function.name.clone()))
    }

    /// The name of a function's account, or else its id.
    #[must_use]
    pub fn account_name<'a>(&'a self, function: &'a Function) -> &'a str {
        let known = self.accounts.iter().find(|account| account.id == function.account);
        known.map_or(function.account.as_str(), |account| account.name.as_str())
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the labels say what they are")]
pub enum Column {
    Name,
    Runtime,
    Memory,
    Timeout,
    CodeSize,
    Invocations,
    Errors,
    P95,
    Modified,
    Account,
    Region,
    Architecture,
    Package,
    Handler,
    Description,
}

impl Column {
    /// All of them, from left to right. The name is always shown, since it leads to the function.
    pub const ALL: &[Self] = &[
        Self::Name,
        Self::Runtime,
        Self::Memory,
        Self::Timeout,
        Self::CodeSize,
        Self::Invocations,
        Self::Errors,
        Self::P95,
        Self::Modified,
        Self::Account,
        Self::Region,
        Self::Architecture,
        Self::Package,
        Self::Handler,
        Self::Description,
    ];

    /// Whether it needs what functions did in the last day.
    #[must_use]
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Invocations | Self::Errors | Self::P95)
    }

    /// What it says of a function, for people; empty when there is nothing to say. Times are UTC.
    #[must_use]
    pub fn text(self, function: &Function, beside: &Beside) -> String {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |value: Option<f64>| value.map(|value| value.round().to_string()).unwrap_or_default();
        let measures = || beside.measures_of(function);
        match self {
            Self::Name => function.name.to_string(),
            Self::Runtime if function.package_type == "Image" => "container image".to_owned(),
            Self::Runtime => known(&function.runtime),
            Self::Memory => format!("{} MB", function.memory_mb),
            Self::Timeout => format!("{} s", function.timeout_secs),
            Self::CodeSize => function.known_code_size().map(bytes).unwrap_or_default(),
            Self::Invocations => number(measures().and_then(|it| it.invocations)),
            Self::Errors => number(measures().and_then(|it| it.errors)),
            Self::P95 => measures().and_then(|it| it.p95_ms).map(millis).unwrap_or_default(),
            Self::Modified => function.last_modified.map(|at| at.to_string()).unwrap_or_default(),
            Self::Account => beside.account_name(function).to_owned(),
            Self::Region => function.region.to_string(),
            Self::Architecture => function.architecture.clone(),
            Self::Package => function.package_type.clone(),
            Self::Handler => known(&function.handler),
            Self::Description => function.description.clone(),
        }
    }

    /// The order of two functions by this column alone. What is missing comes last, in both directions.
    #[must_use]
    pub fn compare(self, a: &Function, b: &Function, descending: bool, beside: &Beside) -> Ordering {
        let directed = |order: Ordering| if descending { order.reverse() } else { order };
        let measured = |of: fn(&FunctionMeasures) -> Option<f64>| {
            let value = |function| beside.measures_of(function).and_then(of);
            missing_last(value(a), value(b), descending, f64::total_cmp)
        };
        match self {
            Self::Name => directed(natural(a.name.as_str(), b.name.as_str())),
            Self::Memory => directed(a.memory_mb.cmp(&b.memory_mb)),
            Self::Timeout => directed(a.timeout_secs.cmp(&b.timeout_secs)),
            Self::CodeSize => missing_last(a.known_code_size(), b.known_code_size(), descending, Ord::cmp),
            Self::Invocations => measured(|it| it.invocations),
            Self::Errors => measured(|it| it.errors),
            Self::P95 => measured(|it| it.p95_ms),
            Self::Modified => missing_last(a.last_modified, b.last_modified, descending, Ord::cmp),
            Self::Runtime
            | Self::Account
            | Self::Region
            | Self::Architecture
            | Self::Package
            | Self::Handler
            | Self::Description => {
                let text = |function| Some(self.text(function, beside)).filter(|text| !text.is_empty());
                missing_last(text(a), text(b), descending, |a, b| natural(a, b))
            }
        }
    }
}

impl listing::Column for Column {
    fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Runtime => "runtime",
            Self::Memory => "memory",
            Self::Timeout => "timeout",
            Self::CodeSize => "size",
            Self::Invocations => "invocations",
            Self::Errors => "errors",
            Self::P95 => "p95",
            Self::Modified => "modified",
            Self::Account => "account",
            Self::Region => "region",
            Self::Architecture => "architecture",
            Self::Package => "package",
            Self::Handler => "handler",
            Self::Description => "description",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Runtime => "Runtime",
            Self::Memory => "Memory",
            Self::Timeout => "Timeout",
            Self::CodeSize => "Code size",
            Self::Invocations => "Invocations, 24 h",
            Self::Errors => "Errors, 24 h",
            Self::P95 => "p95, 24 h",
            Self::Modified => "Modified",
            Self::Account => "Account",
            Self::Region => "Region",
            Self::Architecture => "Architecture",
            Self::Package => "Package",
            Self::Handler => "Handler",
            Self::Description => "Description",
        }
    }

    fn is_usual(self) -> bool {
        !matches!(self, Self::Architecture | Self::Package | Self::Handler)
    }

    fn begins_descending(self) -> bool {
        matches!(
            self,
            Self::Modified
                | Self::CodeSize
                | Self::Memory
                | Self::Timeout
                | Self::Invocations
                | Self::Errors
                | Self::P95
        )
    }
}

/// A duration as people read it.
fn millis(value: f64) -> String {
    if value < 1_000.0 { format!("{value:.0} ms") } else { format!("{:.1} s", value / 1_000.0) }
}

#[cfg(test)]
mod tests {
    use super::super::query::tests::{accounts, function, measured};
    use super::*;
    use crate::listing::Column as _;

    fn sorted(column: Column, descending: bool, mut list: Vec<Function>, beside: &Beside) -> Vec<String> {
        list.sort_by(|a, b| column.compare(a, b, descending, beside));
        list.into_iter().map(|function| function.name.to_string()).collect()
    }

    #[test]
    fn every_column_has_a_key_of_its_own_and_a_text() {
        let it = function("web", "python3.12", 256);
        let beside = Beside::new(accounts(), vec![measured(&it, 7.0, 1.0, 1_234.0)]);
        let keys: std::collections::BTreeSet<_> = Column::ALL.iter().map(|column| column.key()).collect();
        assert_eq!(keys.len(), Column::ALL.len());
        for column in Column::ALL {
            assert!(!column.text(&it, &beside).is_empty(), "{column:?}");
        }
        assert_eq!(
            (Column::Errors.text(&it, &beside), Column::P95.text(&it, &beside)),
            ("1".into(), "1.2 s".into())
        );
        assert_eq!(Column::P95.text(&it, &Beside::default()), "", "what is not known is not nothing");
        assert_eq!(Column::Account.text(&it, &beside), "production");
    }

    #[test]
    fn what_is_not_known_comes_last_and_numbers_sort_as_numbers() {
        let list: Vec<Function> =
            ["f-10", "f-2", "none"].map(|name| function(name, "python3.12", 128)).to_vec();
        let measures = vec![measured(&list[0], 5.0, 0.0, 90.0), measured(&list[1], 40.0, 2.0, 8.0)];
        let beside = Beside::new(accounts(), measures);
        assert_eq!(sorted(Column::Name, false, list.clone(), &beside), ["f-2", "f-10", "none"]);
        assert_eq!(sorted(Column::Invocations, true, list.clone(), &beside), ["f-2", "f-10", "none"]);
        assert_eq!(sorted(Column::P95, false, list.clone(), &beside), ["f-2", "f-10", "none"]);
        assert_eq!(sorted(Column::Errors, false, list, &beside), ["f-10", "f-2", "none"]);
    }
}
