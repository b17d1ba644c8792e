//! The table of a list: the rows of one page, each of which follows what it shows.
//!
//! A row has few effects, since each costs as much as several elements: one that draws its cells, and those of its box. What a cell shows
//! is drawn again in place when its row changes, so that neither the focus nor a tooltip is lost.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use leptos::prelude::*;

use super::{
    address::Address,
    parts::heads,
    query::{Column, Row},
    selection::{Selection, select_all, select_row},
};
use crate::components::{Dynamic, dynamic, nothing, text};

/// How many new rows are drawn at once. The others come in the frames that follow: those that can be seen first, since every letter typed
/// into a filter may bring a hundred.
const NEW_AT_ONCE: usize = 8;

/// The [key](Row::key) of a row, and the how many'th of the page it is that has it: a security group that is shared stands in the lists of
/// several accounts, and rows that are not told apart would stay when they should go.
type RowId = (String, usize);

/// What is made of a row.
type Made<T, V> = Arc<dyn Fn(&T) -> V + Send + Sync>;

/// A table of rows.
pub struct Table<T, C: Column> {
    label: &'static str,
    address: Address<C>,
    name: Made<T, String>,
    cells: Made<T, Vec<AnyView>>,
    last: Option<&'static str>,
    changed: Option<Signal<HashSet<String>>>,
}

impl<T, C: Column> Table<T, C> {
    /// A table that screen readers call `label`. `name` is what people call a row, with its place where names repeat; `cells` draws its
    /// cells, from left to right, and again when a signal in them changes.
    pub fn new(
        label: &'static str,
        address: Address<C>,
        name: impl Fn(&T) -> String + Send + Sync + 'static,
        cells: impl Fn(&T) -> Vec<AnyView> + Send + Sync + 'static,
    ) -> Self {
        let (name, cells) = (Arc::new(name), Arc::new(cells));
        Self { label, address, name, cells, last: None, changed: None }
    }

    /// The same with one more cell in each row, which stays in view. Its head is only spoken.
    #[must_use]
    pub fn and_last(self, head: &'static str) -> Self {
        Self { last: Some(head), ..self }
    }

    /// The same with a light on the rows of these [keys](Row::key), which changed a moment ago.
    #[must_use]
    pub fn lighting(self, changed: Signal<HashSet<String>>) -> Self {
        Self { changed: Some(changed), ..self }
    }
}

/// The table of the `rows` of a page, or what stands in its place when there are none. It outlives its rows: it is made anew only when there
/// were none. `matching` are the keys of all that the filter lets pass.
pub fn table_or<T, C>(
    rows: impl Fn() -> Vec<T> + Send + Sync + 'static,
    matching: Signal<Arc<[String]>>,
    table: Table<T, C>,
    empty: impl Fn() -> Option<AnyView> + Send + 'static,
) -> AnyView
where
    T: Row + PartialEq + Send + Sync + 'static,
    C: Column,
{
    let page = Memo::new(move |_| numbered(rows(), Row::key));
    let ids = Memo::new(move |_| page.with(|page| page.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()));
    let keys = Memo::new(move |_| ids.with(|ids| ids.iter().map(|(key, _)| key.clone()).collect::<Arc<_>>()));
    let Table { label, address, name, cells, last, changed } = table;
    let selection = address.selection;
    let row: Made<RowId, AnyView> = Arc::new(move |id: &RowId| {
        let find = {
            let id = id.clone();
            move || page.with(|page| Some(page.iter().find(|(it, _)| *it == id)?.1.clone()))
        };
        // The row is made because it is there, and on its way out it keeps what it showed.
        let Some(first) = untrack(&find) else { return nothing() };
        let name = untrack(|| name(&first));
        let row = Memo::new(move |before: Option<&T>| {
            find().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        let cells = cells.clone();
        let cells = dynamic(move || row.with(|row| cells(row)).into_any());
        row_around(&id.0, &name, cells, selection, keys, changed)
    });
    let parts = Parts { label, last, selection, matching, ids, row };
    let is_empty = Memo::new(move |_| ids.with(Vec::is_empty));
    let mut again = false;
    dynamic(move || {
        let instead = is_empty.get().then(&empty).flatten();
        // What the server rendered is there at once.
        let gradually = std::mem::replace(&mut again, true);
        instead.unwrap_or_else(|| table_around(parts.clone(), heads(address), gradually))
    })
    .into_any()
}

/// What a table is made of, whatever it lists.
#[derive(Clone)]
struct Parts {
    label: &'static str,
    last: Option<&'static str>,
    selection: Selection,
    matching: Signal<Arc<[String]>>,
    ids: Memo<Vec<RowId>>,
    row: Made<RowId, AnyView>,
}

fn table_around(parts: Parts, heads: Dynamic, gradually: bool) -> AnyView {
    let Parts { label, last, selection, matching, ids, row } = parts;
    let drawn = drawn(ids, gradually);
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=label>
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col" class="needs-js w-0 pr-0!">
                            {select_all(selection, matching)}
                        </th>
                        {heads}
                        {last
                            .map(|last| {
                                view! {
                                    <th scope="col" class="needs-js sticky right-0">
                                        <span class="sr-only">{last}</span>
                                    </th>
                                }
                            })}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || drawn.get() key=|id| id.clone() let:id>
                        {row(&id)}
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row_around(
    key: &str,
    name: &str,
    cells: Dynamic,
    selection: Selection,
    keys: Memo<Arc<[String]>>,
    changed: Option<Signal<HashSet<String>>>,
) -> AnyView {
    let class = changed.map(|changed| {
        let key = key.to_owned();
        text(move || {
            let ground = if changed.with(|changed| changed.contains(&key)) { "bg-primary/15" } else { "" };
            format!("transition-colors duration-1000 {ground}")
        })
    });
    let selected = {
        let key = key.to_owned();
        Signal::derive(move || selection.has(&key).then_some("true"))
    };
    view! {
        <tr class=class aria-selected=selected>
            <td class="needs-js w-0 pr-0!">{select_row(selection, key.to_owned(), name, keys.into())}</td>
            {cells}
        </tr>
    }
    .into_any()
}

/// Follows the rows of a page, but with [`NEW_AT_ONCE`] new ones at most in a frame. What was there already stays, so that nothing flickers
/// or moves under the eyes. What is first is drawn at once unless it, too, comes `gradually`.
fn drawn(ids: Memo<Vec<RowId>>, gradually: bool) -> Memo<Vec<RowId>> {
    let turn = RwSignal::new(());
    let drawn = Memo::new(move |before: Option<&Vec<RowId>>| {
        turn.track();
        ids.with(|ids| match before {
            None if !gradually => ids.clone(),
            before => next(before.map_or(&[], Vec::as_slice), ids, NEW_AT_ONCE),
        })
    });
    Effect::new(move |_| {
        if drawn.with(Vec::len) == ids.with(Vec::len) {
            return;
        }
        // A frame's callback comes before it is painted: only what comes after that is the next one's.
        request_animation_frame(move || {
            set_timeout(
                move || {
                    let _ = turn.try_set(());
                },
                Duration::ZERO,
            );
        });
    });
    drawn
}

/// Those of `wanted` that were drawn before, and the first of the others.
fn next<Id: Clone + Eq + Hash>(before: &[Id], wanted: &[Id], new_at_once: usize) -> Vec<Id> {
    let before: HashSet<&Id> = before.iter().collect();
    let mut new = 0;
    let is_drawn = |id: &&Id| {
        let is_new = !before.contains(id);
        new += usize::from(is_new);
        !is_new || new <= new_at_once
    };
    wanted.iter().filter(is_drawn).cloned().collect()
}

/// Each row with what tells it from all others.
fn numbered<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> Vec<(RowId, T)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let number = |row: T| {
        let key = key(&row);
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        ((key, *count), row)
    };
    rows.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_was_drawn_stays_and_of_the_rest_a_few_come_with_every_step() {
        let wanted = keys("a b c d e f");
        let mut drawn = keys("x c e y");
        for expected in ["a b c e", "a b c d e f", "a b c d e f"] {
            drawn = next(&drawn, &wanted, 2);
            assert_eq!(drawn, keys(expected));
        }
        assert!(next(&drawn, &[], 2).is_empty());
    }

    #[test]
    fn rows_of_one_key_are_told_apart() {
        let ids: Vec<RowId> = numbered(keys("a b a"), Clone::clone).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, [("a".to_owned(), 1), ("b".to_owned(), 1), ("a".to_owned(), 2)]);
    }
}
