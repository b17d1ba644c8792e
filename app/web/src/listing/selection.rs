//! Which rows of a list are selected, by their [keys](super::Row::key). A short selection stands in the URL, so that it can be sent to
//! somebody and survives a reload; a long one lasts as long as the page.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use leptos::{ev, prelude::*};

use super::{
    items::Items,
    query::{MOST_IN_ADDRESS, Row},
};
use crate::{
    browser,
    components::{Kept, flag, text},
    hydration::use_hydrated,
    navigation::use_navigator,
};

/// The id of the box that selects all.
const SELECT_ALL: &str = "select-all";

/// What is selected. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    keys: RwSignal<BTreeSet<String>>,
    /// The row that was ticked last, where a range begins.
    anchor: StoredValue<Option<String>>,
}

/// The selection, which begins as the URL says and follows it when somebody goes back. `href` makes the address of a selection.
pub fn use_selection(in_url: Memo<Vec<String>>, href: impl Fn(Vec<String>) -> String + 'static) -> Selection {
    let keys = RwSignal::new(in_url.get_untracked().into_iter().collect::<BTreeSet<_>>());
    // What this page put into the URL last: a long selection is not there, and must not be lost for it.
    let written = StoredValue::new(in_url.get_untracked());
    let navigator = use_navigator();
    Effect::new(move |before: Option<Vec<String>>| {
        let now = in_url.get();
        if before.is_some_and(|before| before != now) && written.with_value(|written| *written != now) {
            written.set_value(now.clone());
            keys.set(now.iter().cloned().collect());
        }
        now
    });
    Effect::new(move |before: Option<()>| {
        let wanted = keys.with(in_address);
        if before.is_some() && in_url.get_untracked() != wanted {
            written.set_value(wanted.clone());
            navigator.go(&href(wanted), true);
        }
    });
    Selection { keys, anchor: StoredValue::new(None) }
}

/// What of a selection an address names: all of a short one, and nothing of a long one.
fn in_address(keys: &BTreeSet<String>) -> Vec<String> {
    if keys.len() > MOST_IN_ADDRESS { Vec::new() } else { keys.iter().cloned().collect() }
}

impl Selection {
    /// Nothing, of a list whose selection lasts as long as the page.
    #[must_use]
    pub fn new() -> Self {
        Self { keys: RwSignal::new(BTreeSet::new()), anchor: StoredValue::new(None) }
    }

    /// The keys for an address.
    #[must_use]
    pub fn in_address(self) -> Vec<String> {
        self.keys.with(in_address)
    }

    /// Whether a row is selected.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.keys.with(|keys| keys.contains(key))
    }

    /// Whether nothing is selected.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.keys.with(BTreeSet::is_empty)
    }

    /// Selects nothing. What was pressed for that goes with the selection, so the focus goes to the box that selects all.
    pub fn clear(self) {
        self.keys.update(BTreeSet::clear);
        browser::focus(&format!("#{SELECT_ALL}"));
    }

    /// How many of these are selected.
    #[must_use]
    pub fn count_in(self, keys: &[String]) -> usize {
        self.keys.with(|selected| keys.iter().filter(|key| selected.contains(*key)).count())
    }

    /// Selects these, or takes them out of the selection.
    pub fn set(self, keys: &[String], on: bool) {
        self.keys.update(|selected| {
            for key in keys {
                if on {
                    selected.insert(key.clone());
                } else {
                    selected.remove(key);
                }
            }
        });
    }

    /// Forgets what is not in a list any more, once that is there to its end and nothing of it failed.
    pub fn follow<T: Row + Send + Sync, F: Send + Sync>(self, items: Items<T, F>) {
        Effect::new(move |_| {
            let is_whole = items.first.with(Option::is_none)
                && items
                    .sources
                    .with(|all| !all.is_empty() && all.iter().all(|source| source.error.is_none()));
            if !is_whole || self.keys.with_untracked(BTreeSet::is_empty) {
                // Also then it must be heard when the list changes.
                items.all.track();
                return;
            }
            let there: HashSet<String> = items.all.with(|all| all.iter().map(Row::key).collect());
            if self.keys.with_untracked(|keys| keys.iter().any(|key| !there.contains(key))) {
                self.keys.update(|keys| keys.retain(|key| there.contains(key)));
            }
        });
    }

    /// Somebody ticked a row or took its tick away; with a range, so are all the rows since the one before.
    fn tick(self, key: &str, on: bool, range: bool, rows: &[String]) {
        let anchor = self.anchor.get_value().filter(|_| range);
        match anchor.and_then(|anchor| between(rows, &anchor, key)) {
            Some(rows) => self.set(rows, on),
            None => self.set(&[key.to_owned()], on),
        }
        self.anchor.set_value(Some(key.to_owned()));
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows from one to another, both included, whichever comes first.
fn between<'a>(rows: &'a [String], one: &str, other: &str) -> Option<&'a [String]> {
    let position = |key: &str| rows.iter().position(|row| row == key);
    let (one, other) = (position(one)?, position(other)?);
    rows.get(one.min(other)..=one.max(other))
}

/// The box at the front of a row, which people call `name`. With the shift key it ticks every row since the last one that was ticked;
/// `rows` are the keys of all rows of the page.
#[must_use]
pub fn select_row(selection: Selection, key: String, name: &str, rows: Signal<Arc<[String]>>) -> AnyView {
    let hydrated = use_hydrated();
    let label = format!("Select {name}");
    let on = {
        let key = key.clone();
        Signal::derive(move || selection.has(&key))
    };
    let press = move |event: ev::MouseEvent| {
        let rows = rows.get_untracked();
        selection.tick(&key, !on.get_untracked(), event.shift_key(), &rows);
    };
    view! {
        <input
            type="checkbox"
            class="checkbox checkbox-sm align-middle"
            aria-label=label
            checked=on.get_untracked()
            prop:checked=Kept(on)
            // What is ticked before anybody listens would be lost.
            disabled=Signal::derive(move || !hydrated.get())
            on:click=press
        />
    }
    .into_any()
}

/// The box at the head of the table: everything that the filter lets pass, on all pages, or nothing. `matching` are the keys of that;
/// none while the rest of a long list is on its way.
#[must_use]
pub fn select_all(selection: Selection, matching: Signal<Arc<[String]>>) -> AnyView {
    let hydrated = use_hydrated();
    let counts = Memo::new(move |_| matching.with(|keys| (selection.count_in(keys), keys.len())));
    let all = Signal::derive(move || counts.with(|(selected, of)| *of > 0 && selected == of));
    let some = Signal::derive(move || counts.with(|(selected, of)| *selected > 0 && selected < of));
    let press = move |_| {
        let on = !all.get_untracked();
        matching.with_untracked(|keys| selection.set(keys, on));
    };
    view! {
        <input
            type="checkbox"
            id=SELECT_ALL
            class="checkbox checkbox-sm align-middle"
            aria-label=text(move || match counts.with(|(_, of)| *of) {
                0 => "Select all that match".to_owned(),
                count => format!("Select all {count} that match"),
            })
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
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(numbers: &[u32]) -> Vec<String> {
        numbers.iter().map(|n| format!("i-{n:017x}")).collect()
    }

    #[test]
    fn a_range_goes_both_ways_and_ends_where_its_ends_are_shown() {
        let rows = keys(&[5, 3, 9, 1]);
        assert_eq!(between(&rows, &rows[3], &rows[1]), Some(&rows[1..]));
        assert_eq!(between(&rows, &rows[1], &rows[3]), Some(&rows[1..]));
        assert_eq!(between(&rows, &rows[2], &rows[2]), Some(&rows[2..3]));
        assert_eq!(between(&rows, &keys(&[7])[0], &rows[2]), None, "the first one is on another page");
    }

    #[test]
    fn a_long_selection_is_not_in_the_address() {
        let many: BTreeSet<String> = keys(&(0..21).collect::<Vec<_>>()).into_iter().collect();
        assert!(in_address(&many).is_empty());
        let few: BTreeSet<String> = many.into_iter().take(20).collect();
        assert_eq!(in_address(&few).len(), 20);
    }

    #[test]
    fn ticking_with_a_range_ticks_and_unticks_what_lies_between() {
        let owner = Owner::new();
        owner.with(|| {
            let rows = keys(&[5, 3, 9, 1]);
            let selection = Selection::new();
            selection.tick(&rows[0], true, true, &rows);
            assert_eq!(selection.count_in(&rows), 1, "there is nothing yet to begin at");
            selection.tick(&rows[2], true, true, &rows);
            assert_eq!(selection.count_in(&rows), 3);
            selection.tick(&rows[1], false, true, &rows);
            assert!(selection.has(&rows[0]) && !selection.has(&rows[1]) && !selection.has(&rows[2]));
            selection.clear();
            assert!(selection.in_address().is_empty() && selection.is_empty());
        });
    }
}
