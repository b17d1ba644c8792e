//! Which objects and folders of a page are ticked, and deleting them: one question that says how many there are, and one result for each.

use std::collections::BTreeSet;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error,
    s3::{Bucket, DeleteResult, ObjectTarget, PrefixCount},
};

use super::denial;
use crate::{
    api::s3::{count_objects, delete_objects},
    charts::unit::bytes,
    components::{ActionButton, ConfirmDialog, Glyph, Kept, Toasts, dynamic, nothing, text, use_toasts},
    hydration::use_hydrated,
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
    fn name(&self) -> &str {
        match self {
            Self::Folder(prefix) => prefix,
            Self::Object(target) => &target.key,
        }
    }
}

/// What could not be deleted, until somebody has read it.
pub(super) type Failures = RwSignal<Vec<DeleteResult>>;

/// What is ticked of a page, and what is asked about it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    bucket: StoredValue<Bucket>,
    all: StoredValue<Vec<Ticked>>,
    ticked: RwSignal<BTreeSet<Ticked>>,
    hydrated: RwSignal<bool>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    /// What lies below each folder that is ticked, as far as it is known.
    counts: RwSignal<Vec<(String, PrefixCount)>>,
    failures: Failures,
    reload: Callback<()>,
    toasts: Toasts,
}

impl Selection {
    /// Nothing of all that is on the page.
    pub(super) fn new(bucket: &Bucket, all: Vec<Ticked>, failures: Failures, reload: Callback<()>) -> Self {
        Self {
            bucket: StoredValue::new(bucket.clone()),
            all: StoredValue::new(all),
            ticked: RwSignal::new(BTreeSet::new()),
            hydrated: use_hydrated(),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            counts: RwSignal::new(Vec::new()),
            failures,
            reload,
            toasts: use_toasts(),
        }
    }

    /// The box at the front of a row.
    pub(super) fn tick_box(self, what: Ticked, label: String) -> AnyView {
        let on = {
            let what = what.clone();
            Signal::derive(move || self.ticked.with(|ticked| ticked.contains(&what)))
        };
        let press = Callback::new(move |()| {
            self.ticked.update(|ticked| {
                if !ticked.remove(&what) {
                    ticked.insert(what.clone());
                }
            });
        });
        self.input(label, on, press)
    }

    /// The box at the head: the whole page, or nothing.
    pub(super) fn page_box(self) -> AnyView {
        let on = Signal::derive(move || {
            let all = self.all.with_value(Vec::len);
            all > 0 && self.ticked.with(BTreeSet::len) == all
        });
        let press = Callback::new(move |()| {
            let all = if on.get_untracked() { Vec::new() } else { self.all.get_value() };
            self.ticked.set(all.into_iter().collect());
        });
        self.input("Select everything on this page".to_owned(), on, press)
    }

    fn input(self, label: String, on: Signal<bool>, press: Callback<()>) -> AnyView {
        view! {
            <input
                type="checkbox"
                class="checkbox checkbox-sm align-middle needs-js"
                aria-label=label
                autocomplete="off"
                prop:checked=Kept(on)
                // What is ticked before anybody listens would be lost.
                disabled=Signal::derive(move || !self.hydrated.get())
                on:click=move |_| press.run(())
            />
        }
        .into_any()
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
        if folders.is_empty() {
            return;
        }
        self.busy.set(true);
        let bucket = self.bucket.get_value();
        spawn_local(async move {
            for prefix in folders {
                match count_objects(bucket.clone(), prefix.clone()).await {
                    Ok(count) => {
                        if self.counts.try_update(|counts| counts.push((prefix, count))).is_none() {
                            return;
                        }
                    }
                    Err(error) => {
                        let _ = self.error.try_set(Some(error.0));
                        break;
                    }
                }
            }
            let _ = self.busy.try_set(false);
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
                    let failed: Vec<_> = results.into_iter().filter(|it| it.error.is_some()).collect();
                    self.toasts.success(format!("{} deleted.", objects(deleted as u64)));
                    self.failures.set(failed);
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
        let folders = self.ticked.with(BTreeSet::len) as u64 - single;
        let counts = self.counts.get();
        let more = counts.iter().any(|(_, count)| count.more);
        let below: u64 = counts.iter().map(|(_, count)| count.objects).sum();
        if counts.len() as u64 != folders {
            return format!("Counting what is below {folders} folders …");
        }
        let least = if more { "More than " } else { "" };
        format!("{least}{} will be deleted.", objects(single + below))
    }
}

fn objects(count: u64) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// What can be done with what is ticked, and the question; nothing while nothing is.
pub(super) fn selection_bar(selection: Selection) -> AnyView {
    let denial = denial(&selection.bucket.with_value(|bucket| bucket.account.clone()));
    let any = Memo::new(move |_| selection.ticked.with(|ticked| !ticked.is_empty()));
    let bar = dynamic(move || {
        if !any.get() {
            return nothing();
        }
        view! {
            <div class="toolbar flex! items-center! needs-js" role="group" aria-label="Selection">
                <span class="font-medium tabular-nums" role="status">
                    {text(move || format!("{} selected", selection.ticked.with(BTreeSet::len)))}
                </span>
                <ActionButton
                    label="Delete"
                    glyph=Glyph::Trash
                    title="Delete what is selected"
                    reason=Signal::stored(denial.clone())
                    on_press=Callback::new(move |()| selection.ask())
                />
                <ActionButton
                    label="Clear selection"
                    glyph=Glyph::Close
                    class="btn-ghost"
                    on_press=Callback::new(move |()| selection.ticked.set(BTreeSet::new()))
                />
            </div>
        }
        .into_any()
    });
    view! {
        {bar}
        {question(selection)}
    }
    .into_any()
}

fn question(selection: Selection) -> AnyView {
    let lines = dynamic(move || {
        let counts = selection.counts.get();
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
        let ticked = selection.ticked.get();
        ticked.iter().take(MOST_NAMED).map(line).collect::<Vec<_>>().into_any()
    });
    let more = text(move || match selection.ticked.with(BTreeSet::len).saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!("… and {more} more."),
    });
    let name = selection.bucket.with_value(|bucket| bucket.name.to_string());
    view! {
        <ConfirmDialog
            open=selection.open
            title="Delete what is selected?"
            confirm_label="Delete"
            typed=Signal::stored(name)
            danger=true
            busy=selection.busy
            error=selection.error
            on_confirm=Callback::new(move |typed| selection.delete(typed))
        >
            <p>{text(move || selection.words())}</p>
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

/// What could not be deleted, until somebody has read it.
pub(super) fn failures_view(failures: Failures) -> AnyView {
    dynamic(move || {
        let failed = failures.get();
        if failed.is_empty() {
            return nothing();
        }
        let title = format!("{} could not be deleted", objects(failed.len() as u64));
        let line = |result: DeleteResult| {
            let why = result.error.map(|error| error.message).unwrap_or_default();
            view! {
                <li class="py-1 wrap-anywhere">
                    <span class="font-medium">{result.key}</span>
                    <span class="block text-xs text-error">{why}</span>
                </li>
            }
            .into_any()
        };
        let lines: Vec<AnyView> = failed.into_iter().take(1_000).map(line).collect();
        view! {
            <section class="notice notice-warn" aria-label="Result">
                <div class="notice-body">
                    <p class="notice-title" role="status">
                        {title}
                    </p>
                    <ul class="max-h-64 overflow-auto" tabindex="0" aria-label="Result of each">
                        {lines}
                    </ul>
                    <div class="notice-actions">
                        <ActionButton label="Dismiss" on_press=Callback::new(move |()| failures.set(Vec::new()))/>
                    </div>
                </div>
            </section>
        }
        .into_any()
    })
    .into_any()
}
