//! Above the table: the filter, the states with their numbers, and the way to new instances.

use leptos::prelude::*;
use nephoscope_model::{ec2::InstanceState, identity::Permission};

use super::query::{ListQuery, Shown};
use crate::{
    components::{ActionButton, Tone, dynamic},
    listing::parts::FilterWords,
    paths,
    scope::use_scope,
    session::{denied_everywhere, may_somewhere},
};

/// The words of the filter.
pub(super) const FILTER: FilterWords = FilterWords {
    label: "Filter instances",
    placeholder: "Filter by name, ID, IP, type or tag",
    help: "Narrow a word to a column with state:running, status:impaired, type:t3, price:>10, tag:Team=web.",
};

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
        let counts = shown.with(|shown| shown.by_state.clone());
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
