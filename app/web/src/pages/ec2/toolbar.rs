//! Above the table: the filter, the states with their numbers, and the way to new instances.

use leptos::prelude::*;
use nephoscope_model::{ec2::InstanceState, identity::Permission};

use super::{
    columns::Column,
    query::{ListQuery, Shown, bounds, param},
};
use crate::{
    components::{ActionButton, QueryForm, SearchBox, Tone, column_chooser, dynamic, pager, text},
    paths,
    scope::use_scope,
    session::{denied_everywhere, may_somewhere},
    url_text::UrlText,
};

/// The filter.
#[component]
pub(super) fn FilterForm(
    /// The filter's text.
    filter: UrlText,
) -> impl IntoView {
    view! {
        <QueryForm own=&[param::TEXT, param::PAGE] class="min-w-0 flex-1 basis-72" label="Filter instances">
            <SearchBox
                label="Filter instances"
                placeholder="Filter by name, ID, IP, type or tag"
                name=param::TEXT
                class="w-full max-w-xl"
                described_by="filter-help"
                text=filter.text
                on_text=Callback::new(move |text| filter.typed(text))
            />
            <p id="filter-help" class="sr-only">
                "Words must all be found. Narrow a word to a column with state:running, status:impaired, type:t3, price:>10, tag:Team=web; exclude with a minus sign."
            </p>
        </QueryForm>
    }
}

/// The states, each a link that adds or takes away that state.
#[component]
pub(super) fn StateChips(
    /// The present query.
    #[prop(into)]
    query: Signal<ListQuery>,
    /// What it shows.
    shown: Memo<Shown>,
) -> impl IntoView {
    let scope = use_scope();
    let chips = dynamic(move || {
        let query = query.get();
        let scope = scope.get();
        let chip = |state: Option<InstanceState>, count: usize| {
            let current = match state {
                Some(state) => query.states.contains(&state),
                None => query.states.is_empty(),
            };
            let class = if current { "chip border-primary bg-primary/10 font-semibold" } else { "chip" };
            let tone = state.map_or(String::new(), |state| format!("tag {}", Tone::from(state).class()));
            view! {
                <li>
                    <a
                        class=class
                        href=query.toggled(state).href(&scope)
                        aria-current=current.then_some("true")
                    >
                        <span class=tone>{state.map_or("All", InstanceState::as_str)}</span>
                        <span class="tabular-nums">{count.to_string()}</span>
                    </a>
                </li>
            }
            .into_any()
        };
        let counts = shown.get().by_state;
        let all = counts.iter().map(|(_, count)| count).sum();
        let mut chips = vec![chip(None, all)];
        chips.extend(counts.into_iter().map(|(state, count)| chip(Some(state), count)));
        chips.into_any()
    });
    view! {
        <ul class="flex flex-wrap items-center gap-1.5" aria-label="Filter by state">
            {chips}
        </ul>
    }
}

/// Which rows are shown, and the way to the others.
#[component]
pub(super) fn Pager(
    /// The present query.
    #[prop(into)]
    query: Signal<ListQuery>,
    /// What it shows.
    shown: Memo<Shown>,
) -> impl IntoView {
    let scope = use_scope();
    dynamic(move || {
        let Shown { page, pages, matching, rows, .. } = shown.get();
        pager((page, pages), bounds(page, rows.len()), matching, |page| {
            query.get().on_page(page).href(&scope.get())
        })
    })
}

/// Which columns are shown: boxes in a form, which works without JavaScript.
#[component]
pub(super) fn ColumnChooser(
    /// The present query.
    #[prop(into)]
    query: Signal<ListQuery>,
) -> impl IntoView {
    let scope = use_scope();
    let columns = Memo::new(move |_| query.with(ListQuery::shown_columns));
    let choices = Column::ALL.into_iter().filter(|column| *column != Column::Name);
    let choices = choices.map(|column| (column.as_str(), column.label())).collect();
    let is_shown = move |word| columns.with(|columns| columns.iter().any(|column| column.as_str() == word));
    let usual = text(move || ListQuery { columns: Vec::new(), ..query.get() }.href(&scope.get()));
    column_chooser(choices, is_shown, usual)
}

/// The way to launch some, for whom may; others are told why not.
pub(super) fn launch_link() -> AnyView {
    let scope = use_scope();
    let allowed = may_somewhere(Permission::Operate);
    let reason = denied_everywhere(Permission::Operate);
    dynamic(move || {
        if allowed.get() {
            let href = paths::launch(&scope.get());
            return view! {
                <a class="btn btn-sm" href=href>
                    "Launch instances"
                </a>
            }
            .into_any();
        }
        view! {
            <ActionButton label="Launch instances" reason=reason on_press=Callback::new(|()| ())/>
        }
        .into_any()
    })
    .into_any()
}
