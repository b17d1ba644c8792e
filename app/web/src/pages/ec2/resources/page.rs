//! One list: read, filtered, sorted, exported, and the details of one of it.

use std::collections::HashMap;

use leptos::prelude::*;
use leptos_router::hooks::use_matched;
use nephoscope_model::{
    Scope,
    ec2::{Resource, ResourceId, ResourceKind, Tag},
};

use super::{
    super::{bulk_tags::bulk_tags_dialog, tabs::ec2_tabs},
    bulk::ResourcesBulk,
    columns::Column,
    details::details_view,
    query::{ListQuery, Shown, order, show, to_csv},
    table::resources_table,
};
use crate::{
    api::{ApiResult, ec2::list_resources, fails_page},
    components::{
        Freshness, Glyph, Icon, PageHeader, SourceFailures, dynamic, failure, nothing, use_toasts, wait_for,
    },
    listing::{
        self, Address, Items, arranged,
        bulk::{bulk_report, selection_bar},
        parts::{FilterWords, chooser, emptiness, export_button, filter_form, pages},
        table_or, use_address, use_order,
    },
    params::use_params,
    scope::use_scope,
    session::use_accounts,
};

/// The first rows and the one that is open.
type First = (Shown, Option<Resource>);
type Loaded = listing::Loaded<Resource, First>;

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Loaded> {
    let listing = list_resources(query.kind, scope, false).await.map_err(fails_page)?;
    Ok(Loaded::new(listing, |all| {
        let accounts = use_accounts().get_untracked();
        let order = order(all, query.list.order(), &accounts, None);
        let shown = show(&arranged(all, &order), query.kind, &query.list, &accounts);
        (Shown { list: shown.list.first(), ..shown }, find(all, query.open.as_ref()))
    }))
}

fn find(items: &[Resource], id: Option<&ResourceId>) -> Option<Resource> {
    id.and_then(|id| items.iter().find(|resource| resource.id() == id)).cloned()
}

/// Every volume, snapshot, address or security group of the scope, as the page's path says.
#[component]
pub fn ResourcesPage() -> impl IntoView {
    // Each of the paths is a route of its own, so that it does not change while the page is there.
    let path = use_matched().get_untracked();
    let kind = path.rsplit('/').find_map(ResourceKind::from_path).unwrap_or(ResourceKind::Volume);
    let scope = use_scope();
    let params = use_params();
    let query = Memo::new(move |_| params.with(|params| ListQuery::from_params(kind, params)));
    let loaded =
        leptos::prelude::Resource::new(move || scope.get(), move |scope| load(scope, query.get_untracked()));
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading the list", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(loaded) => list_view(loaded, query, kind),
                Err(error) => {
                    let notice = failure(error.0, retry);
                    view! {
                        <PageHeader title=title(kind)/>
                        {ec2_tabs(Some(kind))}
                        {notice}
                    }
                    .into_any()
                }
            }
        })
    })
}

const fn title(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Volume => "EBS volumes",
        ResourceKind::Snapshot => "EBS snapshots",
        ResourceKind::Address => "Elastic addresses",
        ResourceKind::SecurityGroup => "Security groups",
    }
}

/// Takes the tags that some have after a change.
fn retag_all(list: Items<Resource, First>, changed: Vec<(ResourceId, Vec<Tag>)>) {
    let changed: HashMap<ResourceId, Vec<Tag>> = changed.into_iter().collect();
    let set = |resource: &mut Resource| {
        if let Some(tags) = changed.get(resource.id()) {
            resource.set_tags(tags.clone());
        }
    };
    if list.first.with_untracked(Option::is_some) {
        list.first.update(|first| {
            if let Some((shown, open)) = first {
                shown.list.rows.iter_mut().chain(open).for_each(set);
            }
        });
    } else {
        list.all.update(|all| all.iter_mut().for_each(set));
    }
}

fn list_view(loaded: Loaded, query: Memo<ListQuery>, kind: ResourceKind) -> AnyView {
    let list = Items::new(loaded);
    let scope = use_scope();
    let accounts = use_accounts();
    let address = use_address(Memo::new(move |_| query.with(|query| query.list.clone())), move |list| {
        query.with(|query| query.with(list).href(&scope.get()))
    });
    let present = Signal::derive(move || query.with(|query| query.with(address.present.get())));
    let order = use_order(list.all, address, move |all, sort, before| {
        accounts.with(|accounts| order(all, sort, accounts, before))
    });
    let shown = Memo::new(move |_| match list.first.get() {
        Some((first, _)) => first,
        // Opening one does not filter thousands of rows again.
        None => list.all.with(|all| {
            let sorted = order.with(|order| arranged(all, order));
            accounts.with(|accounts| show(&sorted, kind, &address.sieve.get(), accounts))
        }),
    });
    let asked = Memo::new(move |_| query.with(|query| query.open.clone()));
    let open = Memo::new(move |_| {
        let asked = asked.get();
        match list.first.get() {
            Some((_, open)) => open.filter(|open| Some(open.id()) == asked.as_ref()),
            None => list.all.with(|all| find(all, asked.as_ref())),
        }
    });
    let toasts = use_toasts();
    let read = move |fresh| {
        list.read(
            move || list_resources(kind, scope.get_untracked(), fresh),
            move |error| toasts.error(error),
        );
    };
    Effect::new(move |_| {
        if list.first.with_untracked(Option::is_some) {
            read(false);
        }
    });
    let count = Signal::derive(move || Some(shown.with(|shown| shown.list.count())));
    let on_tags = Callback::new(move |(id, tags): (ResourceId, Vec<Tag>)| retag_all(list, vec![(id, tags)]));
    let on_many_tags = Callback::new(move |all: Vec<(ResourceId, Vec<Tag>)>| retag_all(list, all));
    address.selection.follow(list);
    let bulk = ResourcesBulk::new(kind, address.selection, list.all, on_many_tags);
    let visible = Signal::derive(move || shown.with(|shown| address.selection.count_in(&shown.list.keys)));
    view! {
        <PageHeader title=title(kind) count=MaybeProp::from(count)>
            <Freshness
                oldest=Signal::derive(move || list.oldest())
                on_refresh=Callback::new(move |()| read(true))
                busy=list.busy
            />
        </PageHeader>
        {ec2_tabs(Some(kind))}
        <SourceFailures sources=list.sources/>
        {dynamic(move || match open.get() {
            // Only its address changes when the list is filtered while it is open.
            Some(resource) => details_view(&resource, query, on_tags),
            None => missing_view(asked.get(), kind),
        })}
        {bulk_report(bulk.tags.bulk)}
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                {filter_form(address, filter_words(kind))}
                {dynamic(move || remark_view(shown.with(|shown| shown.remarkable), &present.get(), &scope.get()))}
                {chooser(address)} {export((list, order), kind, address, shown)}
            </div>
            {selection_bar(address.selection, (bulk.chosen.count(), visible), bulk.tags.bulk.busy(), bulk.buttons())}
            {table_or(
                move || shown.with(|shown| shown.list.rows.clone()),
                Signal::derive(move || shown.with(|shown| shown.list.keys.clone())),
                resources_table(kind, (present, scope), address),
                move || {
                    let clear = move || present.get().filtered("").href(&scope.get());
                    shown.with(|shown| {
                        emptiness(&shown.list, list.all_failed(), kind.plural(), Glyph::Server, clear)
                    })
                },
            )}
            {dynamic(move || shown.with(|shown| pages(&shown.list, address)))}
        </div>
        {bulk_tags_dialog(bulk.tags)}
    }
    .into_any()
}

/// That the one whose details were asked for is not in the list.
fn missing_view(asked: Option<ResourceId>, kind: ResourceKind) -> AnyView {
    match asked {
        Some(id) => view! {
            <p class="notice notice-warn" role="status">
                {format!("The {} {id} is not in the chosen accounts and regions, or no longer there.", kind.noun())}
            </p>
        }
        .into_any(),
        None => nothing(),
    }
}

/// The way to what deserves a look, and back to all.
fn remark_view(count: usize, query: &ListQuery, scope: &Scope) -> AnyView {
    let (Some(word), Some(filter)) = (query.kind.remark(), query.remark_filter()) else { return nothing() };
    let (label, wanted) = match count {
        _ if query.list.text == filter => ("Show all".to_owned(), String::new()),
        0 => return nothing(),
        count => (format!("{count} {word}"), filter),
    };
    view! {
        <a class="btn btn-sm" href=query.filtered(&wanted).href(scope)>
            <Icon glyph=Glyph::Alert/>
            {label}
        </a>
    }
    .into_any()
}

const fn filter_words(kind: ResourceKind) -> FilterWords {
    let (label, placeholder, help) = match kind {
        ResourceKind::Volume => (
            "Filter volumes",
            "Filter by name, id, type, instance or tag",
            "Narrow a word to a column with type:gp3, size:100, instance:i- or tag:Team=web; is:unattached finds volumes that nothing uses.",
        ),
        ResourceKind::Snapshot => (
            "Filter snapshots",
            "Filter by name, id, volume, description or tag",
            "Narrow a word to a column with volume:vol-, state:completed, encrypted:no or tag:Team=web.",
        ),
        ResourceKind::Address => (
            "Filter addresses",
            "Filter by name, address, instance or tag",
            "Narrow a word to a column with ip:203.0, instance:i- or tag:Team=web; is:unassociated finds addresses that nothing uses.",
        ),
        ResourceKind::SecurityGroup => (
            "Filter security groups",
            "Filter by name, id, rule, description or tag",
            "Narrow a word to a column with inbound:22, vpc:vpc- or tag:Team=web; is:open finds groups that let everybody in to other ports than 80 and 443.",
        ),
    };
    FilterWords { label, placeholder, help }
}

/// Saves what the filter lets pass, on all pages.
fn export(
    (list, order): (Items<Resource, First>, Memo<Vec<usize>>),
    kind: ResourceKind,
    address: Address<Column>,
    shown: Memo<Shown>,
) -> AnyView {
    let accounts = use_accounts();
    let reason = Signal::derive(move || {
        let nothing = list.first.with(Option::is_some) || shown.with(|shown| shown.list.matching == 0);
        nothing.then(|| "There is nothing to export yet.".to_owned())
    });
    export_button(format!("ec2-{}.csv", kind.path()), reason, move || {
        list.all.with_untracked(|all| {
            let (sorted, query) =
                (order.with_untracked(|order| arranged(all, order)), address.present.get_untracked());
            accounts.with_untracked(|accounts| to_csv(&sorted, kind, &query, accounts))
        })
    })
}
