//! The filter above the list of functions: words that must all be found, some of them in one column only.
//!
//! `order` looks everywhere; `runtime:python` and `memory:512` look in one place; `errors:>0` and `memory:>=512` compare; `-word` must not be
//! found; quotes keep blanks together. Case does not matter.

use nephoscope_model::{
    filter_words::{NumberTest, contains, exclusion, words},
    lambda::Function,
};

use super::columns::{Beside, Column};
use crate::listing::Column as _;

#[derive(Clone, Debug, PartialEq)]
struct Term {
    /// Nothing for anywhere.
    column: Option<Column>,
    wanted: Wanted,
    /// Whether it must not be found.
    excluded: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    /// Lower case.
    Word(String),
    /// What a number must be, of a column that has numbers.
    Number(NumberTest),
}

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq)]
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
    pub fn matches(&self, function: &Function, beside: &Beside) -> bool {
        self.terms.iter().all(|term| term.found_in(function, beside) != term.excluded)
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (excluded, word) = exclusion(word);
        let (column, word) = column_of(word);
        if word.is_empty() {
            return None;
        }
        let wanted = match column {
            Some(column) if has_numbers(column) => Wanted::Number(NumberTest::parse(word)),
            _ => Wanted::Word(word.to_lowercase()),
        };
        Some(Self { column, wanted, excluded })
    }

    fn found_in(&self, function: &Function, beside: &Beside) -> bool {
        let word = match &self.wanted {
            Wanted::Word(word) => word,
            Wanted::Number(test) => {
                let value = self.column.and_then(|column| number_of(column, function, beside));
                return value.is_some_and(|value| test.holds(value));
            }
        };
        let has = |text: &str| contains(text, word);
        let in_account = || has(function.account.as_str()) || has(beside.account_name(function));
        match self.column {
            Some(Column::Account) => in_account(),
            Some(column) => has(&column.text(function, beside)),
            None => {
                has(function.name.as_str())
                    || has(&function.description)
                    || function.runtime.as_deref().is_some_and(has)
                    || has(function.region.as_str())
                    || in_account()
            }
        }
    }
}

const fn has_numbers(column: Column) -> bool {
    matches!(column, Column::Memory | Column::Timeout | Column::CodeSize) || column.is_measured()
}

/// A number of a function: MB, seconds, bytes, counts or milliseconds.
fn number_of(column: Column, function: &Function, beside: &Beside) -> Option<f64> {
    let measures = beside.measures_of(function);
    match column {
        Column::Memory => Some(f64::from(function.memory_mb)),
        Column::Timeout => Some(f64::from(function.timeout_secs)),
        #[expect(clippy::cast_precision_loss, reason = "no package has 2^53 bytes")]
        Column::CodeSize => function.known_code_size().map(|size| size as f64),
        Column::Invocations => measures?.invocations,
        Column::Errors => measures?.errors,
        Column::P95 => measures?.p95_ms,
        _ => None,
    }
}

fn column_of(word: &str) -> (Option<Column>, &str) {
    let Some((name, rest)) = word.split_once(':') else { return (None, word) };
    let name = name.to_ascii_lowercase();
    let column = match name.as_str() {
        "arch" => Some(Column::Architecture),
        // Times have no words that anybody would type.
        "modified" => None,
        name => Column::ALL.iter().copied().find(|column| column.key() == name),
    };
    column.map_or((None, word), |column| (Some(column), rest))
}

#[cfg(test)]
mod tests {
    use super::super::query::tests::{accounts, function, measured};
    use super::*;

    fn finds(text: &str) -> bool {
        let it = function("order-processor", "python3.12", 256);
        let beside = Beside::new(accounts(), vec![measured(&it, 40.0, 2.0, 90.0)]);
        Filter::parse(text).matches(&it, &beside)
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
            "account:1111",
            "region:us-east",
            "arch:x86",
            "handler:main",
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

    #[test]
    fn numbers_compare_and_what_is_not_known_is_not_found() {
        for good in ["memory:>128", "memory:<=256", "errors:>0", "invocations:40", "p95:<100", "-errors:0"] {
            assert!(finds(good), "{good}");
        }
        for bad in ["memory:>256", "errors:0", "p95:>=91", "errors:many", "memory:>"] {
            assert!(!finds(bad), "{bad}");
        }
        let idle = function("idle", "python3.12", 128);
        let none = Beside::new(accounts(), Vec::new());
        for word in ["errors:0", "errors:>0", "invocations:<5"] {
            assert!(!Filter::parse(word).matches(&idle, &none), "{word}");
        }
    }
}
