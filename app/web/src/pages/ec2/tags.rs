//! The tags of an instance, a volume or another thing of EC2: a table, and a form in its place while somebody changes them.

use leptos::{ev, prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Place,
    ec2::{ResourceId, Tag, TagChanges},
    identity::Permission,
};

use super::tag_rows::{TagRows, add_button, tag_rows};
use crate::{
    api::ec2::set_tags,
    components::{
        ActionButton, EmptyState, ErrorNotice, Glyph, Panel, Toasts, dynamic, flag, nothing, plain_table,
        use_toasts,
    },
    session::{denial_in, read_only_reason, use_viewer},
};

/// The form while it is open. Cheap to copy.
#[derive(Clone, Copy)]
struct Editor {
    /// Where and what has the tags.
    which: StoredValue<(Place, ResourceId)>,
    /// Those that it has now.
    tags: Signal<Vec<Tag>>,
    on_saved: Callback<Vec<Tag>>,
    open: RwSignal<bool>,
    /// What the form was opened with: only what differs from it is changed.
    known: StoredValue<Vec<Tag>>,
    rows: TagRows,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    toasts: Toasts,
}

impl Editor {
    fn new(which: (Place, ResourceId), tags: Signal<Vec<Tag>>, on_saved: Callback<Vec<Tag>>) -> Self {
        Self {
            which: StoredValue::new(which),
            tags,
            on_saved,
            open: RwSignal::new(false),
            known: StoredValue::new(Vec::new()),
            rows: TagRows::new("tags"),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            toasts: use_toasts(),
        }
    }

    fn begin(self) {
        let known = self.tags.get_untracked();
        let own = known.iter().filter(|tag| !tag.is_of_aws()).cloned();
        self.rows.set(own);
        self.known.set_value(known);
        self.error.set(None);
        self.open.set(true);
    }

    fn save(self) {
        if self.busy.get_untracked() {
            return;
        }
        let (wanted, known) = (self.rows.wanted(), self.known.get_value());
        match TagChanges::between(&known, &wanted) {
            Err(error) => return self.error.set(Some(error)),
            Ok(changes) if changes.is_empty() => return self.open.set(false),
            Ok(_) => {}
        }
        let (place, id) = self.which.get_value();
        self.error.set(None);
        self.busy.set(true);
        spawn_local(async move {
            let outcome = set_tags(place, id, wanted, known).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match outcome {
                Ok(tags) => {
                    self.open.set(false);
                    self.toasts.success("The tags are saved.");
                    // The last: it may take this form away.
                    self.on_saved.run(tags);
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }
}

/// The tags, and the button that changes them.
#[component]
pub(super) fn TagPanel(
    /// Where it is.
    place: Place,
    /// What has the tags.
    id: ResourceId,
    /// The tags that it has now.
    tags: Signal<Vec<Tag>>,
    /// Takes those that it has after a change.
    on_saved: Callback<Vec<Tag>>,
) -> impl IntoView {
    let editor = Editor::new((place, id), tags, on_saved);
    let (viewer, read_only) = (use_viewer(), read_only_reason());
    let reason = Signal::derive(move || {
        let denial = editor.which.with_value(|(place, _)| {
            viewer.with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &place.account))
        });
        denial.or_else(|| read_only.map(str::to_owned))
    });
    let count = Signal::derive(move || Some(tags.with(Vec::len).to_string()));
    let actions = move || {
        dynamic(move || {
            if editor.open.get() {
                return nothing();
            }
            view! {
                <ActionButton
                    label="Edit tags"
                    glyph=Glyph::Tag
                    class="btn-ghost btn-xs"
                    reason=reason
                    on_press=Callback::new(move |()| editor.begin())
                />
            }
            .into_any()
        })
    };
    let tags = Memo::new(move |_| tags.get());
    let body = dynamic(move || {
        if editor.open.get() { view! { <TagForm editor=editor/> }.into_any() } else { tag_table(tags.get()) }
    });
    view! {
        <Panel title="Tags" count=MaybeProp::from(count) actions=actions>
            {body}
        </Panel>
    }
}

fn tag_table(tags: Vec<Tag>) -> AnyView {
    if tags.is_empty() {
        return view! { <EmptyState title="No tags" glyph=Glyph::Tag/> }.into_any();
    }
    let row = |tag: Tag| {
        view! {
            <tr>
                <td class="wrap">{tag.key}</td>
                <td class="wrap">{tag.value}</td>
            </tr>
        }
        .into_any()
    };
    plain_table("Tags", &["Key", "Value"], tags.into_iter().map(row).collect())
}

#[component]
fn TagForm(editor: Editor) -> impl IntoView {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let of_aws: Vec<AnyView> = editor
        .known
        .get_value()
        .into_iter()
        .filter(Tag::is_of_aws)
        .map(|tag| {
            view! {
                <li>
                    <span class="mono text-xs">{format!("{} = {}", tag.key, tag.value)}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    let made_by_aws = if of_aws.is_empty() {
        nothing()
    } else {
        view! {
            <div>
                <p class="quiet">"Made by AWS, and not to be changed:"</p>
                <ul class="wrap">{of_aws}</ul>
            </div>
        }
        .into_any()
    };
    view! {
        <form class="panel-body flex flex-col gap-3" aria-label="Tags" on:submit=submit>
            {tag_rows(editor.rows)}
            {made_by_aws}
            {dynamic(move || match editor.error.get() {
                Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
                None => nothing(),
            })}
            <div class="flex flex-wrap gap-2">
                {add_button(editor.rows)}
                <button
                    type="button"
                    class="btn btn-sm ml-auto"
                    disabled=editor.busy
                    on:click=move |_| editor.open.set(false)
                >
                    "Cancel"
                </button>
                <button
                    type="submit"
                    class="btn btn-sm btn-primary"
                    disabled=editor.busy
                    aria-busy=flag(editor.busy.into())
                >
                    "Save tags"
                </button>
            </div>
        </form>
    }
}
