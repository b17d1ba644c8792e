//! `/logs`: the groups, or one of them.

use leptos::prelude::*;
use nephoscope_model::Error;

use super::{
    groups::Groups,
    query::{Chosen, groups_href},
    streams::Streams,
    viewer::Lines,
};
use crate::{
    api::logs::{last_log_rows, list_log_groups, list_log_streams},
    components::{ErrorNotice, Loading, PageHeader, Panel, PlaceTag},
    pages::ec2::params::use_params,
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
    move || match group.get() {
        Ok(None) => view! { <GroupsPage/> }.into_any(),
        Ok(Some(group)) => {
            let first = group.clone();
            let chosen = Memo::new(move |_| {
                chosen.with(|chosen| match chosen {
                    Ok(Some(chosen)) => chosen.clone(),
                    // The page is on its way to another one.
                    Ok(None) | Err(_) => first.clone(),
                })
            });
            view! { <GroupPage group=group chosen=chosen/> }.into_any()
        }
        Err(error) => view! {
            <PageHeader title="Logs"/>
            <ErrorNotice error=error/>
        }
        .into_any(),
    }
}

#[component]
fn GroupsPage() -> impl IntoView {
    let scope = use_scope();
    let groups = Resource::new(move || scope.get(), list_log_groups);
    view! {
        <Transition fallback=|| {
            view! {
                <PageHeader title="Logs"/>
                <Loading label="Loading log groups"/>
            }
        }>
            {move || Suspend::new(async move {
                match groups.await {
                    Ok(listing) => view! { <Groups listing=listing/> }.into_any(),
                    Err(error) => {
                        view! {
                            <PageHeader title="Logs"/>
                            <Failure error=error.0 retry=Callback::new(move |()| groups.refetch())/>
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
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
    view! {
        <PageHeader
            title=group.group.clone()
            parent="Logs"
            parent_href=MaybeProp::from(Signal::derive(move || Some(groups_href("", &scope.get()))))
        >
            <PlaceTag place=group.place.clone()/>
        </PageHeader>
        <div class="grid items-start gap-4 xl:grid-cols-[18rem_minmax(0,1fr)]">
            <Transition fallback=|| {
                view! {
                    <Panel title="Streams">
                        <Loading label="Loading streams"/>
                    </Panel>
                }
            }>
                {move || Suspend::new(async move {
                    match streams.await {
                        Ok(streams) => view! { <Streams streams=streams chosen=chosen/> }.into_any(),
                        Err(error) => {
                            view! { <Failure error=error.0 retry=Callback::new(move |()| streams.refetch())/> }
                                .into_any()
                        }
                    }
                })}
            </Transition>
            <Transition fallback=|| {
                view! {
                    <Panel title="Lines">
                        <Loading label="Loading lines"/>
                    </Panel>
                }
            }>
                {move || Suspend::new(async move {
                    let outcome = rows.await;
                    match outcome {
                        Ok(rows) => {
                            let chosen = chosen.get_untracked();
                            view! { <Lines rows=rows chosen=chosen/> }.into_any()
                        }
                        Err(error) => {
                            view! { <Failure error=error.0 retry=Callback::new(move |()| rows.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Failure(error: Error, retry: Callback<()>) -> impl IntoView {
    view! {
        <ErrorNotice error=error>
            <button type="button" class="btn btn-sm needs-js" on:click=move |_| retry.run(())>
                "Try again"
            </button>
        </ErrorNotice>
    }
}
