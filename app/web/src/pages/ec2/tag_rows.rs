//! Rows of a form in which tags are written, each a key and a value.

use leptos::prelude::*;
use nephoscope_model::ec2::{MOST_IN_KEY, MOST_IN_VALUE, MOST_TAGS, Tag};

use crate::components::{ActionButton, Glyph, Icon, text};

/// One row: its number, which stays, and what is written in it.
type Row = (u32, Tag);

/// What is written. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TagRows(RwSignal<Vec<Row>>);

impl TagRows {
    /// None.
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Begins anew, with these.
    pub(super) fn set(self, tags: impl Iterator<Item = Tag>) {
        self.0.set((0..).zip(tags).collect());
    }

    /// Adds an empty one.
    pub(super) fn add(self) {
        let empty = Tag { key: String::new(), value: String::new() };
        self.0.update(|rows| {
            let number = rows.iter().map(|(number, _)| number + 1).max().unwrap_or_default();
            rows.push((number, empty));
        });
    }

    fn remove(self, number: u32) {
        self.0.update(|rows| rows.retain(|(known, _)| *known != number));
    }

    /// Takes what was typed into one row.
    fn write(self, number: u32, write: impl FnOnce(&mut Tag)) {
        self.0.update(|rows| {
            if let Some((_, tag)) = rows.iter_mut().find(|(known, _)| *known == number) {
                write(tag);
            }
        });
    }

    fn key_of(self, number: u32) -> String {
        self.0.with(|rows| {
            let found = rows.iter().find(|(known, _)| *known == number);
            found.map(|(_, tag)| tag.key.clone()).unwrap_or_default()
        })
    }

    /// What is written. A row that was left empty is none.
    pub(super) fn wanted(self) -> Vec<Tag> {
        let is_written = |tag: &Tag| !(tag.key.is_empty() && tag.value.is_empty());
        self.0.with_untracked(|rows| {
            rows.iter().map(|(_, tag)| tag).filter(|tag| is_written(tag)).cloned().collect()
        })
    }
}

/// The rows themselves.
pub(super) fn tag_rows(rows: TagRows) -> AnyView {
    // By their numbers: what is typed into one must not move into another when a row goes.
    view! { <For each=move || rows.0.get() key=|(number, _)| *number children=move |row| tag_row(rows, row)/> }
        .into_any()
}

/// What adds a row, as long as there may be more.
pub(super) fn add_button(rows: TagRows) -> AnyView {
    let full = Signal::derive(move || {
        let full = rows.0.with(Vec::len) >= MOST_TAGS;
        full.then(|| format!("AWS takes up to {MOST_TAGS} tags on one resource."))
    });
    view! {
        <ActionButton label="Add tag" glyph=Glyph::Tag reason=full on_press=Callback::new(move |()| rows.add())/>
    }
    .into_any()
}

fn tag_row(rows: TagRows, (number, tag): Row) -> AnyView {
    let remove = move |_| rows.remove(number);
    let key = Callback::new(move |text| rows.write(number, |tag| tag.key = text));
    let value = Callback::new(move |text| rows.write(number, |tag| tag.value = text));
    view! {
        <div class="flex gap-2" role="group" aria-label=format!("Tag {}", number + 1)>
            {tag_input("Key", MOST_IN_KEY, tag.key, key)}
            {tag_input("Value", MOST_IN_VALUE, tag.value, value)}
            <button
                type="button"
                class="btn btn-ghost btn-sm btn-square"
                aria-label=text(move || format!("Remove tag {}", rows.key_of(number)))
                title="Remove"
                on:click=remove
            >
                <Icon glyph=Glyph::Close/>
            </button>
        </div>
    }
    .into_any()
}

fn tag_input(label: &'static str, most: usize, begin: String, on_text: Callback<String>) -> AnyView {
    view! {
        <input
            class="input input-sm min-w-0 flex-1"
            type="text"
            aria-label=label
            placeholder=label
            // HTML counts in units of UTF-16, of which a character has two at most; what is too long is said when it is saved.
            maxlength=(2 * most).to_string()
            autocomplete="off"
            spellcheck="false"
            value=begin
            on:input=move |event| on_text.run(event_target_value(&event))
        />
    }
    .into_any()
}
