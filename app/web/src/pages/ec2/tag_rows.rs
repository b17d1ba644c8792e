//! Rows of a form in which tags are written, each a key and a value.

use leptos::prelude::*;
use nephoscope_model::ec2::{MOST_IN_KEY, MOST_IN_VALUE, MOST_TAGS, Tag};

use crate::{
    browser,
    components::{ActionButton, Glyph, Icon, text},
};

/// One row: its number, which stays, and what is written in it.
type Row = (u32, Tag);

/// What is written. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TagRows {
    /// Where the ids of its rows begin, since a page may have two forms.
    form: &'static str,
    rows: RwSignal<Vec<Row>>,
    /// The row that somebody just added, and now writes into.
    added: StoredValue<Option<u32>>,
}

impl TagRows {
    /// None, in a form that is called so.
    pub(super) fn new(form: &'static str) -> Self {
        Self { form, rows: RwSignal::new(Vec::new()), added: StoredValue::new(None) }
    }

    /// Begins anew, with these.
    pub(super) fn set(self, tags: impl Iterator<Item = Tag>) {
        self.added.set_value(None);
        self.rows.set((0..).zip(tags).collect());
    }

    /// Adds an empty one, where the keyboard then is.
    pub(super) fn add(self) {
        let empty = Tag { key: String::new(), value: String::new() };
        self.rows.update(|rows| {
            let number = rows.iter().map(|(number, _)| number + 1).max().unwrap_or_default();
            self.added.set_value(Some(number));
            rows.push((number, empty));
        });
    }

    /// Takes one away; the keyboard goes to the one after it, or before it.
    fn remove(self, number: u32) {
        let beside = self.rows.with_untracked(|rows| {
            let at = rows.iter().position(|(known, _)| *known == number)?;
            rows.get(at + 1).or_else(|| rows.get(at.checked_sub(1)?)).map(|(number, _)| *number)
        });
        self.rows.update(|rows| rows.retain(|(known, _)| *known != number));
        if let Some(beside) = beside {
            browser::focus(&format!("#{} input", self.id_of(beside)));
        }
    }

    fn id_of(self, number: u32) -> String {
        format!("{}-{number}", self.form)
    }

    /// Takes what was typed into one row.
    fn write(self, number: u32, write: impl FnOnce(&mut Tag)) {
        self.rows.update(|rows| {
            if let Some((_, tag)) = rows.iter_mut().find(|(known, _)| *known == number) {
                write(tag);
            }
        });
    }

    fn key_of(self, number: u32) -> String {
        self.rows.with(|rows| {
            let found = rows.iter().find(|(known, _)| *known == number);
            found.map(|(_, tag)| tag.key.clone()).unwrap_or_default()
        })
    }

    /// What is written. A row that was left empty is none.
    pub(super) fn wanted(self) -> Vec<Tag> {
        let is_written = |tag: &Tag| !(tag.key.is_empty() && tag.value.is_empty());
        self.rows.with_untracked(|rows| {
            rows.iter().map(|(_, tag)| tag).filter(|tag| is_written(tag)).cloned().collect()
        })
    }
}

/// The rows themselves.
pub(super) fn tag_rows(rows: TagRows) -> AnyView {
    // By their numbers: what is typed into one must not move into another when a row goes.
    view! { <For each=move || rows.rows.get() key=|(number, _)| *number children=move |row| tag_row(rows, row)/> }
        .into_any()
}

/// What adds a row, as long as there may be more.
pub(super) fn add_button(rows: TagRows) -> AnyView {
    let full = Signal::derive(move || {
        let full = rows.rows.with(Vec::len) >= MOST_TAGS;
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
    let id = rows.id_of(number);
    if rows.added.get_value() == Some(number) {
        let field = format!("#{id} input");
        // The row is not in the page yet.
        request_animation_frame(move || browser::focus(&field));
    }
    view! {
        <div id=id class="flex gap-2" role="group" aria-label=format!("Tag {}", number + 1)>
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
