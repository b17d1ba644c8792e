//! Which columns a list shows.

use leptos::prelude::*;

use super::{
    fields::Kept,
    icons::{Glyph, Icon},
    menu::Menu,
    query_form::QueryForm,
};

/// The parameter of the address that names the columns, comma-separated; left out for the usual ones.
pub const COLUMNS: &str = "columns";

/// A drop-down with a box for each column that can be left out, as (word in the address, label): boxes in a form, which works without
/// JavaScript. `chosen` says whether a column is shown, `usual` is the address with the usual ones.
#[must_use]
pub fn column_chooser(
    columns: Vec<(&'static str, &'static str)>,
    chosen: impl Fn(&'static str) -> bool + Copy + Send + Sync + 'static,
    usual: Signal<String>,
) -> AnyView {
    let boxes: Vec<AnyView> = columns
        .into_iter()
        .map(|(word, label)| {
            let chosen = Signal::derive(move || chosen(word));
            view! {
                <label class="scope-choice">
                    <input
                        type="checkbox"
                        class="checkbox checkbox-sm"
                        name=COLUMNS
                        value=word
                        checked=chosen.get_untracked()
                        prop:checked=Kept(chosen)
                    />
                    <span>{label}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <Menu label="Columns" class="ml-auto" summary=|| view! { <Icon glyph=Glyph::ChevronDown/> <span>"Columns"</span> }>
            <QueryForm own=&[COLUMNS] class="scope-form" label="Columns">
                <fieldset>
                    <legend>"Columns"</legend>
                    {boxes}
                </fieldset>
                <div class="scope-foot">
                    <a class="btn btn-sm btn-ghost" href=usual>
                        "Usual columns"
                    </a>
                    <button type="submit" class="btn btn-sm btn-primary">
                        "Apply"
                    </button>
                </div>
            </QueryForm>
        </Menu>
    }
    .into_any()
}

/// The columns that an address names, in the order of `all`; none when they are exactly the usual ones, so that one address stands for one
/// list.
#[must_use]
pub fn named_columns<C: Copy + PartialEq>(
    all: &[C],
    words: &[String],
    word: fn(C) -> &'static str,
    is_usual: fn(C) -> bool,
) -> Vec<C> {
    let is_named = |column: &&C| words.iter().any(|list| list.split(',').any(|it| it == word(**column)));
    // The first one is shown whether it is named or not.
    let (named, usual) =
        (all.iter().skip(1).filter(is_named), all.iter().skip(1).filter(|it| is_usual(**it)));
    if named.clone().eq(usual) { Vec::new() } else { named.copied().collect() }
}

/// The columns that are shown when these are named: the usual ones when none is, and the first of all always.
#[must_use]
pub fn shown_columns<C: Copy + PartialEq>(all: &[C], named: &[C], is_usual: fn(C) -> bool) -> Vec<C> {
    let is_shown = |column: &C| if named.is_empty() { is_usual(*column) } else { named.contains(column) };
    all.iter()
        .copied()
        .enumerate()
        .filter(|(index, column)| *index == 0 || is_shown(column))
        .map(|it| it.1)
        .collect()
}
