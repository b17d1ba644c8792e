//! `/logs`: the groups, or one of them.

use std::time::Duration;

use leptos::prelude::*;
use nephoscope_model::ErrorCode;

use super::{
    groups::GroupsPage,
    query::{Chosen, groups_href},
    streams::Streams,
    viewer::Lines,
};
use crate::{
    api::{
        ApiError, fails_page,
        logs::{last_log_rows, list_log_streams},
    },
    components::{ErrorNotice, PageHeader, PlaceTag, dynamic, failure, nothing, wait_for},
    params::use_params,
    scope::use_scope,
};

/// The log groups of the scope, or the lines of one of them.
#[component]
pub fn LogsPage() -> impl IntoView {
    let params = use_params();
    let chosen = Memo::new(move |_| params.with(Chosen::from_params));
    // Another group is another page; another stream of the same group is not.
    let group = Memo::new(move |_| {
        chosen.with(|chosen| match chosen {
            Ok(Some(chosen)) => Ok(Some(chosen.with_all_streams())),
            Ok(None) => Ok(None),
            Err(error) => Err(error.clone()),
        })
    });
    let shown = after_the_address(group);
    dynamic(move || match shown.get() {
        Ok(None) => view! { <GroupsPage/> }.into_any(),
        Ok(Some(group)) => {
            let first = group.clone();
            let chosen = Memo::new(move |_| match chosen.get() {
                Ok(Some(chosen)) => chosen,
                // The page is on its way to another one.
                Ok(None) | Err(_) => first.clone(),
            });
            view! { <GroupPage group=group chosen=chosen/> }.into_any()
        }
        Err(error) => view! {
            <PageHeader title="Logs"/>
            <ErrorNotice error=fails_page(ApiError(error)).0/>
        }
        .into_any(),
    })
}

/// What stands in the address, a moment later: when everything on the page that hears the address has heard it. A page that is replaced
/// while a part of it is still about to hear of the new address would be asked for values that are gone with it.
fn after_the_address<T: Clone + PartialEq + Send + Sync + 'static>(value: Memo<T>) -> RwSignal<T> {
    let shown = RwSignal::new(value.get_untracked());
    Effect::new(move |_| {
        let next = value.get();
        let show = move || {
            if shown.try_with_untracked(|shown| *shown != next) == Some(true) {
                shown.set(next.clone());
            }
        };
        set_timeout(show, Duration::ZERO);
    });
    shown
}

#[component]
fn GroupPage(group: Chosen, chosen: Memo<Chosen>) -> impl IntoView {
    let scope = use_scope();
    let streams = {
        let group = group.clone();
        Resource::new(|| (), move |()| list_log_streams(group.place.clone(), group.group.clone()))
    };
    let rows = Resource::new(
        move || chosen.get(),
        |chosen| last_log_rows(chosen.place, chosen.group, chosen.streams),
    );
    let streams_panel = wait_for("Loading streams", move || {
        Box::pin(async move {
            match streams.await {
                Ok(streams) => view! { <Streams streams=streams chosen=chosen/> }.into_any(),
                // Without the group there are no lines either, and those say so.
                Err(error) if error.0.code == ErrorCode::NotFound => nothing(),
                Err(error) => failure(error.0, Callback::new(move |()| streams.refetch())),
            }
        })
    });
    let lines_panel = wait_for("Loading lines", move || {
        Box::pin(async move {
            match rows.await {
                Ok(rows) => {
                    let chosen = chosen.get_untracked();
                    view! { <Lines rows=rows chosen=chosen/> }.into_any()
                }
                Err(error) => failure(fails_page(error).0, Callback::new(move |()| rows.refetch())),
            }
        })
    });
    let parent = Signal::derive(move || Some(groups_href("", &scope.get())));
    view! {
        <PageHeader title=group.group.clone() parent="Logs" parent_href=MaybeProp::from(parent)>
            <PlaceTag place=group.place.clone()/>
        </PageHeader>
        <div class="grid items-start gap-4 xl:grid-cols-[18rem_minmax(0,1fr)]">
            <div class="min-w-0 empty:hidden">{streams_panel}</div>
            <div class="min-w-0">{lines_panel}</div>
        </div>
    }
}
