//! Which rows are selected. A short selection stands in the URL, so that it can be sent to somebody and survives a reload; a long one
//! lasts as long as the page.

use std::collections::BTreeSet;

use leptos::{ev, prelude::*};
use nephoscope_model::ec2::InstanceId;

use super::query::{MOST_IN_ADDRESS, Shown};
use crate::{
    components::{Kept, flag, text},
    hydration::use_hydrated,
    navigation::use_navigator,
};

/// What is selected. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    ids: RwSignal<BTreeSet<InstanceId>>,
    /// The row that was ticked last, where a range begins.
    anchor: StoredValue<Option<InstanceId>>,
}

/// The selection, which begins as the URL says and follows it when somebody goes back. `href` makes the address of a selection.
pub(super) fn use_selection(
    in_url: Memo<Vec<InstanceId>>,
    href: impl Fn(Vec<InstanceId>) -> String + 'static,
) -> Selection {
    let ids = RwSignal::new(in_url.get_untracked().into_iter().collect::<BTreeSet<_>>());
    // What this page put into the URL last: a long selection is not there, and must not be lost for it.
    let written = StoredValue::new(in_url.get_untracked());
    let navigator = use_navigator();
    Effect::new(move |before: Option<Vec<InstanceId>>| {
        let now = in_url.get();
        if before.is_some_and(|before| before != now) && written.with_value(|written| *written != now) {
            written.set_value(now.clone());
            ids.set(now.iter().cloned().collect());
        }
        now
    });
    Effect::new(move |before: Option<()>| {
        let wanted = ids.with(in_address);
        if before.is_some() && in_url.get_untracked() != wanted {
            written.set_value(wanted.clone());
            navigator.go(&href(wanted), true);
        }
    });
    Selection { ids, anchor: StoredValue::new(None) }
}

/// What of a selection an address names: all of a short one, and nothing of a long one.
fn in_address(ids: &BTreeSet<InstanceId>) -> Vec<InstanceId> {
    if ids.len() > MOST_IN_ADDRESS { Vec::new() } else { ids.iter().cloned().collect() }
}

impl Selection {
    /// The ids for an address.
    pub(super) fn in_address(self) -> Vec<InstanceId> {
        self.ids.with(in_address)
    }

    /// Whether an instance is selected.
    pub(super) fn has(self, id: &InstanceId) -> bool {
        self.ids.with(|ids| ids.contains(id))
    }

    /// Selects nothing.
    pub(super) fn clear(self) {
        self.ids.update(BTreeSet::clear);
    }

    /// How many of these are selected.
    pub(super) fn count_in(self, ids: &[InstanceId]) -> usize {
        self.ids.with(|selected| ids.iter().filter(|id| selected.contains(*id)).count())
    }

    fn set(self, ids: &[InstanceId], on: bool) {
        self.ids.update(|selected| {
            for id in ids {
                if on {
                    selected.insert(id.clone());
                } else {
                    selected.remove(id);
                }
            }
        });
    }

    /// Somebody ticked a row or took its tick away; with a range, so are all the rows since the one before.
    fn tick(self, id: &InstanceId, on: bool, range: bool, rows: &[InstanceId]) {
        let anchor = self.anchor.get_value().filter(|_| range);
        match anchor.and_then(|anchor| between(rows, &anchor, id)) {
            Some(rows) => self.set(rows, on),
            None => self.set(std::slice::from_ref(id), on),
        }
        self.anchor.set_value(Some(id.clone()));
    }
}

/// The rows from one to another, both included, whichever comes first.
fn between<'a>(rows: &'a [InstanceId], one: &InstanceId, other: &InstanceId) -> Option<&'a [InstanceId]> {
    let position = |id: &InstanceId| rows.iter().position(|row| row == id);
    let (one, other) = (position(one)?, position(other)?);
    rows.get(one.min(other)..=one.max(other))
}

/// The box at the front of a row. With the shift key it ticks every row since the last one that was ticked.
#[component]
pub(super) fn SelectRow(
    /// What is selected.
    selection: Selection,
    /// The row's instance.
    id: InstanceId,
    /// What people call it.
    #[prop(into)]
    name: Signal<String>,
    /// The rows.
    shown: Memo<Shown>,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let on = {
        let id = id.clone();
        Signal::derive(move || selection.has(&id))
    };
    let press = move |event: ev::MouseEvent| {
        let rows: Vec<InstanceId> =
            shown.with_untracked(|shown| shown.list.rows.iter().map(|row| row.id.clone()).collect());
        selection.tick(&id, !on.get_untracked(), event.shift_key(), &rows);
    };
    view! {
        <input
            type="checkbox"
            class="checkbox checkbox-sm align-middle"
            aria-label=text(move || format!("Select {}", name.get()))
            checked=on.get_untracked()
            prop:checked=Kept(on)
            // What is ticked before anybody listens would be lost.
            disabled=Signal::derive(move || !hydrated.get())
            on:click=press
        />
    }
}

/// The box at the head of the table: everything that the filter lets pass, on all pages, or nothing.
#[component]
pub(super) fn SelectAll(
    /// What is selected.
    selection: Selection,
    /// What can be.
    shown: Memo<Shown>,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let counts = Memo::new(move |_| shown.with(|shown| (selection.count_in(&shown.ids), shown.ids.len())));
    let all = Signal::derive(move || counts.with(|(selected, of)| *of > 0 && selected == of));
    let some = Signal::derive(move || counts.with(|(selected, of)| *selected > 0 && selected < of));
    let press = move |_| {
        let on = !all.get_untracked();
        shown.with_untracked(|shown| selection.set(&shown.ids, on));
    };
    view! {
        <input
            type="checkbox"
            class="checkbox checkbox-sm align-middle"
            aria-label=text(move || format!("Select all {} that match", shown.with(|shown| shown.list.matching)))
            title="Select all that match the filter, on all pages"
            checked=all.get_untracked()
            prop:checked=Kept(all)
            prop:indeterminate=some
            aria-busy=flag(Signal::derive(move || counts.with(|(_, of)| *of == 0)))
            // While the rest of a long list is on its way, nobody knows what all is.
            disabled=Signal::derive(move || !hydrated.get() || counts.with(|(_, of)| *of == 0))
            on:click=press
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u32]) -> Vec<InstanceId> {
        numbers.iter().map(|n| format!("i-{n:017x}").parse().expect("an id")).collect()
    }

    #[test]
    fn a_range_goes_both_ways_and_ends_where_its_ends_are_shown() {
        let rows = ids(&[5, 3, 9, 1]);
        assert_eq!(between(&rows, &rows[3], &rows[1]), Some(&rows[1..]));
        assert_eq!(between(&rows, &rows[1], &rows[3]), Some(&rows[1..]));
        assert_eq!(between(&rows, &rows[2], &rows[2]), Some(&rows[2..3]));
        assert_eq!(between(&rows, &ids(&[7])[0], &rows[2]), None, "the first one is on another page");
    }

    #[test]
    fn a_long_selection_is_not_in_the_address() {
        let many: BTreeSet<InstanceId> = ids(&(0..21).collect::<Vec<_>>()).into_iter().collect();
        assert!(in_address(&many).is_empty());
        let few: BTreeSet<InstanceId> = many.into_iter().take(20).collect();
        assert_eq!(in_address(&few).len(), 20);
    }

    #[test]
    fn ticking_with_a_range_ticks_and_unticks_what_lies_between() {
        let owner = Owner::new();
        owner.with(|| {
            let rows = ids(&[5, 3, 9, 1]);
            let selection = Selection { ids: RwSignal::new(BTreeSet::new()), anchor: StoredValue::new(None) };
            selection.tick(&rows[0], true, true, &rows);
            assert_eq!(selection.count_in(&rows), 1, "there is nothing yet to begin at");
            selection.tick(&rows[2], true, true, &rows);
            assert_eq!(selection.count_in(&rows), 3);
            selection.tick(&rows[1], false, true, &rows);
            assert!(selection.has(&rows[0]) && !selection.has(&rows[1]) && !selection.has(&rows[2]));
            selection.clear();
            assert!(selection.in_address().is_empty());
        });
    }
}
