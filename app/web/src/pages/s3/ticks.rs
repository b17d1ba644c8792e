//! Which objects and folders of a page are ticked, and deleting them: one question that says how many there are, and one result for each.

use std::{collections::BTreeMap, sync::Arc};

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error,
    s3::{Bucket, DeleteResult, ObjectTarget, PrefixCount},
};

use super::denial;
use crate::{
    api::s3::{count_objects, delete_objects},
    charts::unit::bytes,
    components::{ActionButton, ConfirmDialog, Glyph, Toasts, dynamic, nothing, text, use_toasts},
    listing::{
        Selection,
        bulk::{Outcome, Report},
        selection::{select_all, select_row},
    },
};

/// As many are named in the question one by one.
const MOST_NAMED: usize = 50;

/// What can be ticked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ticked {
    /// All below a prefix.
    Folder(String),
    /// An object, or one of its versions.
    Object(ObjectTarget),
}

impl Ticked {
    /// What tells it from all others of a page.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Folder(prefix) => format!("folder {prefix}"),
            Self::Object(ObjectTarget { key, version_id: None }) => format!("object {key}"),
            Self::Object(ObjectTarget { key, version_id: Some(id) }) => format!("version {id} {key}"),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Folder(prefix) => prefix,
            Self::Object(target) => &target.key,
        }
    }
}

/// What could not be deleted, until somebody has read it.
pub(super) type Failures = RwSignal<Option<Report>>;

/// As many failures are told one by one.
const MOST_FAILURES: usize = 1_000;

/// What is said of those that failed; nothing when none did.
fn failures_of(results: Vec<DeleteResult>) -> Option<Report> {
    let mut failed: Vec<DeleteResult> = results.into_iter().filter(|result| result.error.is_some()).collect();
    let title = format!("{} could not be deleted", objects(failed.len() as u64));
    failed.truncate(MOST_FAILURES);
    let outcome = |result: DeleteResult| Outcome {
        name: result.key,
        id: result.version_id.unwrap_or_default(),
        words: result.error.map_or(Ok(String::new()), Outcome::failed),
    };
    let outcomes: Vec<Outcome> = failed.into_iter().map(outcome).collect();
    (!outcomes.is_empty()).then(|| Report::of_failures(title, outcomes))
}

/// What is ticked of a page, and what is asked about it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Ticks {
    bucket: StoredValue<Bucket>,
    /// What can be ticked, by keys that stand for nothing else of the page.
    all: StoredValue<BTreeMap<String, Ticked>>,
    /// The keys of the rows that can be ticked, as they are shown.
    rows: RwSignal<Arc<[String]>>,
    selection: Selection,
    /// What of it is ticked.
    ticked: Memo<Vec<Ticked>>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    /// What lies below each folder that is ticked, as far as it is known.
    counts: RwSignal<Vec<(String, PrefixCount)>>,
    /// Whether it is being counted. Nothing is deleted meanwhile, but whoever changes their mind may go.
    counting: RwSignal<bool>,
    /// How often it was asked: what was counted for an earlier question is not for this one.
    round: StoredValue<u32>,
    failures: Failures,
    reload: Callback<()>,
    toasts: Toasts,
}

impl Ticks {
    /// Nothing of all that is on the page.
    pub(super) fn new(bucket: &Bucket, all: Vec<Ticked>, failures: Failures, reload: Callback<()>) -> Self {
        let all: BTreeMap<String, Ticked> = all.into_iter().map(|it| (it.key(), it)).collect();
        let rows = RwSignal::new(all.keys().cloned().collect());
        let (all, selection) = (StoredValue::new(all), Selection::new());
        let ticked = move |_: Option<&Vec<Ticked>>| {
            all.with_value(|all| {
                let ticked = all.iter().filter(|(key, _)| selection.has(key));
                ticked.map(|(_, it)| it.clone()).collect()
            })
        };
        Self {
            bucket: StoredValue::new(bucket.clone()),
            all,
            rows,
            selection,
            ticked: Memo::new(ticked),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            counts: RwSignal::new(Vec::new()),
            counting: RwSignal::new(false),
            round: StoredValue::new(0),
            failures,
            reload,
            toasts: use_toasts(),
        }
    }

    /// Takes the order in which the rows are shown: a range is what stands between its ends.
    pub(super) fn show(self, rows: Vec<String>) {
        let can_be = |key: &String| self.all.with_value(|all| all.contains_key(key));
        self.rows.set(rows.into_iter().filter(can_be).collect());
    }

    /// Whether a row is ticked.
    pub(super) fn has(self, key: &str) -> bool {
        self.selection.has(key)
    }

    /// The box at the front of a row; nothing where there is none.
    pub(super) fn tick_box(self, what: &Ticked, name: &str) -> AnyView {
        if !self.all.with_value(|all| all.contains_key(&what.key())) {
            return nothing();
        }
        select_row(self.selection, what.key(), name, self.rows.into())
    }

    /// The box at the head: the whole page, or nothing.
    pub(super) fn page_box(self) -> AnyView {
        select_all(self.selection, self.rows.into())
    }

    /// Asks, and counts meanwhile what lies below folders.
    fn ask(self) {
        self.counts.set(Vec::new());
        self.error.set(None);
        self.open.set(true);
        let folders: Vec<String> = self.ticked.with_untracked(|ticked| {
            let folder = |it: &Ticked| match it {
                Ticked::Folder(prefix) => Some(prefix.clone()),
                Ticked::Object(_) => None,
            };
            ticked.iter().filter_map(folder).collect()
        });
        let round = self.round.with_value(|round| round + 1);
        self.round.set_value(round);
        self.counting.set(!folders.is_empty());
        let bucket = self.bucket.get_value();
        spawn_local(async move {
            for prefix in folders {
                let count = count_objects(bucket.clone(), prefix.clone()).await;
                if self.round.try_get_value() != Some(round) {
                    return;
                }
                match count {
                    Ok(count) => self.counts.update(|counts| counts.push((prefix, count))),
                    Err(error) => {
                        self.error.set(Some(error.0));
                        break;
                    }
                }
            }
            let _ = self.counting.try_set(false);
        });
    }

    fn delete(self, typed: String) {
        if self.busy.get_untracked() {
            return;
        }
        let (mut targets, mut prefixes) = (Vec::new(), Vec::new());
        for it in self.ticked.get_untracked() {
            match it {
                Ticked::Folder(prefix) => prefixes.push(prefix),
                Ticked::Object(target) => targets.push(target),
            }
        }
        self.busy.set(true);
        self.error.set(None);
        let bucket = self.bucket.get_value();
        spawn_local(async move {
            let answer = delete_objects(bucket, targets, prefixes, typed).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match answer {
                Ok(results) => {
                    let deleted = results.iter().filter(|result| result.error.is_none()).count();
                    if deleted > 0 || results.is_empty() {
                        self.toasts.success(format!("{} deleted.", objects(deleted as u64)));
                    }
                    self.failures.set(failures_of(results));
                    self.open.set(false);
                    // The last: it takes this page away.
                    self.reload.run(());
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }

    /// What is about to happen, in one sentence.
    fn words(self) -> String {
        let single = self
            .ticked
            .with(|ticked| ticked.iter().filter(|it| matches!(it, Ticked::Object(_))).count() as u64);
        let folders = self.ticked.with(Vec::len) as u64 - single;
        let counts = self.counts.get();
        let more = counts.iter().any(|(_, count)| count.more);
        let below: u64 = counts.iter().map(|(_, count)| count.objects).sum();
        if self.counting.get() {
            return format!("Counting what is below {folders} folders …");
        }
        if counts.len() as u64 != folders {
            return "All that is below these folders will be deleted. How much that is could not be counted."
                .to_owned();
        }
        let least = if more { "More than " } else { "" };
        format!("{least}{} will be deleted.", objects(single + below))
    }
}

fn objects(count: u64) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// What can be done with what is ticked, and the question; nothing while nothing is.
pub(super) fn tick_bar(ticks: Ticks) -> AnyView {
    let denial = denial(&ticks.bucket.with_value(|bucket| bucket.account.clone()));
    let any = Memo::new(move |_| ticks.ticked.with(|ticked| !ticked.is_empty()));
    let bar = dynamic(move || {
        if !any.get() {
            return nothing();
        }
        view! {
            <div class="toolbar flex! items-center! needs-js" role="group" aria-label="Selection">
                <span class="font-medium tabular-nums" role="status">
                    {text(move || format!("{} selected", ticks.ticked.with(Vec::len)))}
                </span>
                <ActionButton
                    label="Delete"
                    glyph=Glyph::Trash
                    title="Delete what is selected"
                    reason=Signal::stored(denial.clone())
                    on_press=Callback::new(move |()| ticks.ask())
                />
                <ActionButton
                    label="Clear selection"
                    glyph=Glyph::Close
                    class="btn-ghost"
                    on_press=Callback::new(move |()| ticks.selection.clear())
                />
            </div>
        }
        .into_any()
    });
    view! {
        {bar}
        {question(ticks)}
    }
    .into_any()
}

fn question(ticks: Ticks) -> AnyView {
    let lines = dynamic(move || {
        let counts = ticks.counts.get();
        let line = |it: &Ticked| {
            let about = match it {
                Ticked::Folder(prefix) => match counts.iter().find(|(known, _)| known == prefix) {
                    Some((_, count)) => {
                        let more = if count.more { "more than " } else { "" };
                        format!("{more}{}, {}", objects(count.objects), bytes(count.bytes))
                    }
                    None => "…".to_owned(),
                },
                Ticked::Object(ObjectTarget { version_id: Some(version), .. }) => {
                    format!("version {version}, for ever")
                }
                Ticked::Object(_) => String::new(),
            };
            view! {
                <li class="py-1 wrap-anywhere">
                    <span class="font-medium">{it.name().to_owned()}</span>
                    <span class="block text-xs quiet">{about}</span>
                </li>
            }
            .into_any()
        };
        let ticked = ticks.ticked.get();
        ticked.iter().take(MOST_NAMED).map(line).collect::<Vec<_>>().into_any()
    });
    let more = text(move || match ticks.ticked.with(Vec::len).saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!("… and {more} more."),
    });
    let name = ticks.bucket.with_value(|bucket| bucket.name.to_string());
    view! {
        <ConfirmDialog
            open=ticks.open
            title="Delete what is selected?"
            confirm_label="Delete"
            typed=Signal::stored(name)
            danger=true
            busy=ticks.busy
            blocked=ticks.counting
            error=ticks.error
            on_confirm=Callback::new(move |typed| ticks.delete(typed))
        >
            <p>{text(move || ticks.words())}</p>
            <ul class="max-h-64 overflow-auto text-sm" tabindex="0" aria-label="What will be deleted">
                {lines}
            </ul>
            <p class="quiet">{more}</p>
            <p class="quiet">
                "In a bucket that keeps versions they stay below a delete marker; otherwise nothing brings them back."
            </p>
        </ConfirmDialog>
    }
    .into_any()
}
