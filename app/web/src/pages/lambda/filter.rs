//! The filter above the list of functions: words that must all be found, some of them in one column only.
//!
//! `order` looks everywhere; `runtime:python` and `memory:512` look in one place; `-word` must not be found; quotes keep blanks together.
//! Case does not matter.

use nephoscope_model::{Account, lambda::Function};

use crate::filter_words::{contains, exclusion, words};

/// Where a word is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Anywhere,
    Name,
    Description,
    Runtime,
    Handler,
    Architecture,
    Package,
    Memory,
    Timeout,
    Region,
    Account,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    column: Column,
    /// Lower case.
    word: String,
    /// Whether it must not be found.
    excluded: bool,
}

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Reads what a person typed. Every text is a filter.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { terms: words(text).iter().filter_map(|word| Term::parse(word)).collect() }
    }

    /// Whether a function passes. Accounts are found by their names, too.
    #[must_use]
    pub fn matches(&self, function: &Function, accounts: &[Account]) -> bool {
        self.terms.iter().all(|term| term.found_in(function, accounts) != term.excluded)
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (excluded, word) = exclusion(word);
        let (column, word) = column_of(word);
        (!word.is_empty()).then(|| Self { column, word: word.to_lowercase(), excluded })
    }

    fn found_in(&self, function: &Function, accounts: &[Account]) -> bool {
        let has = |text: &str| contains(text, &self.word);
        let has_some = |text: &Option<String>| text.as_deref().is_some_and(has);
        let in_account = || {
            has(function.account.as_str())
                || accounts.iter().any(|account| account.id == function.account && has(&account.name))
        };
        match self.column {
            Column::Name => has(function.name.as_str()),
            Column::Description => has(&function.description),
            Column::Runtime => has_some(&function.runtime),
            Column::Handler => has_some(&function.handler),
            Column::Architecture => has(&function.architecture),
            Column::Package => has(&function.package_type),
            // A number is the whole number: `memory:128` is not 1280.
            Column::Memory => function.memory_mb.to_string() == self.word,
            Column::Timeout => function.timeout_secs.to_string() == self.word,
            Column::Region => has(function.region.as_str()),
            Column::Account => in_account(),
            Column::Anywhere => {
                has(function.name.as_str())
                    || has(&function.description)
                    || has_some(&function.runtime)
                    || has(function.region.as_str())
                    || in_account()
            }
        }
    }
}

fn column_of(word: &str) -> (Column, &str) {
    let Some((column, rest)) = word.split_once(':') else { return (Column::Anywhere, word) };
    let column = match column.to_ascii_lowercase().as_str() {
        "name" => Column::Name,
        "description" => Column::Description,
        "runtime" => Column::Runtime,
        "handler" => Column::Handler,
        "arch" | "architecture" => Column::Architecture,
        "package" => Column::Package,
        "memory" => Column::Memory,
        "timeout" => Column::Timeout,
        "region" => Column::Region,
        "account" => Column::Account,
        _ => return (Column::Anywhere, word),
    };
    (column, rest)
}

#[cfg(test)]
mod tests {
    use super::super::query::tests::{accounts, function};
    use super::*;

    fn finds(text: &str) -> bool {
        Filter::parse(text).matches(&function("order-processor", "python3.12", 256), &accounts())
    }

    #[test]
    fn words_are_looked_for_everywhere_or_in_one_column() {
        for good in [
            "",
            "ORDER",
            "order python",
            "runtime:python",
            "runtime:3.12 name:processor",
            "memory:256",
            "timeout:10",
            "account:production",
            "region:us-east",
            "arch:x86",
            "-runtime:node",
            "\"takes orders\"",
            "runtime:",
            "-",
        ] {
            assert!(finds(good), "{good}");
        }
        for bad in
            ["thumb", "runtime:node", "memory:25", "-order", "name:python", "\"orders takes\"", "colour:red"]
        {
            assert!(!finds(bad), "{bad}");
        }
    }
}
