//! Doing something to all rows that are selected: what can be done, one question that says what will happen to each, and one result for
//! each. A page brings the words and the call; what is here knows nothing of what the rows are.

use std::future::Future;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Place,
    bulk::{Deletion, Destruction, MOST_AT_ONCE, confirmation_of},
};

pub use self::view::{BulkButton, bulk_dialog, bulk_report, report_view, selection_bar};
use crate::api::ApiResult;

mod view;

/// As many as can be changed at once are named one by one, and as many of those that are left out.
const MOST_LINES: usize = 2 * MOST_AT_ONCE;

/// One of those that were selected when the question was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its [key](super::Row::key).
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What AWS calls it, where that is something else.
    pub id: String,
    /// What is so now: its state, where it is.
    pub words: String,
    /// Why it is left out.
    pub reason: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The question itself.
    pub title: String,
    /// What the button says.
    pub verb: &'static str,
    /// What will happen.
    pub consequence: &'static str,
    /// What must be typed; nothing while it is empty.
    pub typed: String,
    /// Whether it destroys something.
    pub danger: bool,
    /// What it is asked of.
    pub plan: Vec<Planned>,
}

impl Planned {
    /// Those of some rows that it will be done to: `plan` has a line for each, in order.
    #[must_use]
    pub fn doable<T>(plan: &[Self], rows: Vec<T>) -> Vec<T> {
        let doable = plan.iter().zip(rows).filter(|(planned, _)| planned.reason.is_none());
        doable.map(|(_, row)| row).collect()
    }
}

impl Question {
    /// Whether to delete things that are called so (`function`, `functions`): their number must be typed, or the name of the only one.
    #[must_use]
    pub fn deletion(nouns: (&str, &str), consequence: &'static str, plan: Vec<Planned>) -> Self {
        let doable = plan.iter().filter(|planned| planned.reason.is_none());
        let names: Vec<&str> = doable.map(|planned| planned.name.as_str()).collect();
        Self {
            title: format!("Delete {}?", counted(names.len(), nouns)),
            verb: "Delete",
            consequence,
            typed: confirmation_of(Destruction::Delete, &names, nouns.1),
            danger: true,
            plan,
        }
    }
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What people call it.
    pub name: String,
    /// What AWS calls it, where that is something else.
    pub id: String,
    /// What changed, or why nothing did.
    pub words: Result<String, String>,
}

impl Outcome {
    /// Of something that failed.
    pub fn failed(error: Error) -> Result<String, String> {
        Err([Some(error.message), error.hint].into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// What came of it all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    title: String,
    /// What failed comes first: it is what has to be looked at.
    outcomes: Vec<Outcome>,
    is_good: bool,
}

impl Report {
    /// Of what was done (`Stop`) to things that are called so (`instance`, `instances`).
    #[must_use]
    pub fn new(verb: &str, nouns: (&str, &str), mut outcomes: Vec<Outcome>) -> Self {
        outcomes.sort_by_key(|outcome| outcome.words.is_ok());
        let failed = outcomes.iter().filter(|outcome| outcome.words.is_err()).count();
        let all = counted(outcomes.len(), nouns);
        let title = if failed == 0 {
            format!("{verb}: {all} done")
        } else {
            format!("{verb}: {failed} of {all} failed")
        };
        Self { title, outcomes, is_good: failed == 0 }
    }

    /// Of what failed only, of so many that there is no line for each.
    #[must_use]
    pub fn of_failures(title: String, outcomes: Vec<Outcome>) -> Self {
        Self { title, outcomes, is_good: false }
    }

    /// Of things that were to be deleted; `called` says where they were.
    #[must_use]
    pub fn of_deletions(
        nouns: (&str, &str),
        results: Vec<Deletion>,
        called: impl Fn(&Place) -> String,
    ) -> Self {
        let outcome = |it: Deletion| Outcome {
            words: it.error.map_or_else(|| Ok("Deleted.".to_owned()), Outcome::failed),
            id: it.place.as_ref().map(&called).unwrap_or_default(),
            name: it.name,
        };
        Self::new("Delete", nouns, results.into_iter().map(outcome).collect())
    }
}

/// `1 instance`, `2 instances`.
#[must_use]
pub fn counted(count: usize, (one, many): (&str, &str)) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Nothing when at least one has no reason against it, and all that have none are few enough.
#[must_use]
pub fn reason_against_all(reasons: Vec<Option<String>>) -> Option<String> {
    let possible = reasons.iter().filter(|reason| reason.is_none()).count();
    if possible > MOST_AT_ONCE {
        return Some(format!("At most {MOST_AT_ONCE} can be changed at once; {possible} are selected."));
    }
    if possible > 0 {
        return None;
    }
    let mut reasons = reasons.into_iter().flatten();
    let first = reasons.next()?;
    // One reason for all says more than that none will do.
    if reasons.all(|reason| reason == first) {
        Some(first)
    } else {
        Some("It can be done to none of what is selected.".to_owned())
    }
}

/// What is asked of all that is selected, and what became of it. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Bulk {
    question: RwSignal<Question>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    report: RwSignal<Option<Report>>,
}

impl Bulk {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            question: RwSignal::new(Question::default()),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            report: RwSignal::new(None),
        }
    }

    /// Whether it is being done.
    #[must_use]
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Asks, unless what was asked before is being done. Whether it asked.
    pub fn ask(self, question: Question) -> bool {
        if self.busy.get_untracked() {
            return false;
        }
        self.error.set(None);
        // What came of the question before would be taken for the answer to this one.
        self.dismiss();
        self.question.set(question);
        self.open.set(true);
        true
    }

    /// Takes the report away.
    pub fn dismiss(self) {
        self.report.set(None);
    }

    /// What the one with a key was called when the question was asked: its name and its id. The key itself when it was not asked about.
    #[must_use]
    pub fn called(self, key: &str) -> (String, String) {
        self.question.with_untracked(|question| {
            let planned = question.plan.iter().find(|planned| planned.key == key);
            planned.map_or_else(
                || (key.to_owned(), String::new()),
                |planned| (planned.name.clone(), planned.id.clone()),
            )
        })
    }

    /// Says why it cannot be done as it was written.
    pub fn refuse(self, error: Error) {
        self.error.set(Some(error));
    }

    /// Waits for the answer and shows what `report` makes of it. When there is none, the question stays and says why.
    pub fn perform<T: 'static>(
        self,
        work: impl Future<Output = ApiResult<T>> + 'static,
        report: impl FnOnce(T) -> Report + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = work.await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match answer {
                Ok(results) => {
                    self.open.set(false);
                    let report = report(results);
                    self.report.set(Some(report));
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }
}

impl Default for Bulk {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::ErrorCode;

    use super::*;

    #[test]
    fn a_button_is_off_when_nothing_would_come_of_it() {
        let no = |words: &str| Some(words.to_owned());
        assert_eq!(reason_against_all(vec![None, no("a")]), None);
        assert_eq!(reason_against_all(vec![no("a"), no("a")]), no("a"));
        let mixed = reason_against_all(vec![no("a"), no("b")]);
        assert_eq!(mixed.as_deref(), Some("It can be done to none of what is selected."));
        assert_eq!(reason_against_all(vec![None; MOST_AT_ONCE]), None);
        assert!(reason_against_all(vec![None; MOST_AT_ONCE + 1]).is_some_and(|it| it.contains("101")));
    }

    #[test]
    fn what_is_left_out_does_not_count_in_what_must_be_typed() {
        let planned = |name: &str, reason: Option<&str>| Planned {
            key: name.to_owned(),
            name: name.to_owned(),
            id: String::new(),
            words: String::new(),
            reason: reason.map(str::to_owned),
        };
        let nouns = ("function", "functions");
        let two = vec![planned("a", None), planned("b", None), planned("c", Some("no"))];
        let asked = Question::deletion(nouns, "", two);
        assert_eq!(
            (asked.title.as_str(), asked.typed.as_str()),
            ("Delete 2 functions?", "delete 2 functions")
        );
        let asked = Question::deletion(nouns, "", vec![planned("a", None), planned("c", Some("no"))]);
        assert_eq!((asked.title.as_str(), asked.typed.as_str()), ("Delete 1 function?", "a"));
    }

    #[test]
    fn what_failed_comes_first_and_says_why() {
        let outcome = |name: &str, words| Outcome { name: name.to_owned(), id: String::new(), words };
        let error = Error::new(ErrorCode::AwsDenied, "AWS denied it.").with_hint("Allow it.");
        let good = outcome("web-1", Ok("running → stopping".to_owned()));
        let report = Report::new(
            "Stop",
            ("instance", "instances"),
            vec![good.clone(), outcome("web-2", Outcome::failed(error))],
        );
        assert_eq!((report.title.as_str(), report.is_good), ("Stop: 1 of 2 instances failed", false));
        assert_eq!(report.outcomes[0].name, "web-2");
        assert_eq!(report.outcomes[0].words, Err("AWS denied it. Allow it.".to_owned()));
        let fine = Report::new("Stop", ("instance", "instances"), vec![good]);
        assert_eq!((fine.title.as_str(), fine.is_good), ("Stop: 1 instance done", true));
    }
}
