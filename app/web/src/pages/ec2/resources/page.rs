//! One list: read, filtered, sorted, exported, and the details of one of it.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_matched;
use nephoscope_model::{
    Error, Listing, Scope, Source, Timestamp,
    ec2::{Resource, ResourceId, ResourceKind, Tag},
};
use serde::{Deserialize, Serialize};

use super::{
    super::tabs::{ec2_tabs, tab_label},
    details::details_view,
    query::{ListQuery, Shown, bounds, param, show, to_csv},
    table::table_view,
};
use crate::{
    api::{ApiResult, ec2::list_resources, fails_page},
    components::{
        ActionButton, EmptyState, Freshness, Glyph, Icon, PageHeader, QueryForm, SearchBox, SourceFailures,
        dynamic, failure, nothing, pager, use_toasts, wait_for,
    },
    csv,
    params::use_params,
    paths,
    scope::use_scope,
    session::use_accounts,
    url_text::{UrlText, use_url_text},
};

/// The list as it is first known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Loaded {
    listing: Listing<Resource>,
    /// The answer to the page's query and the one that is open, when there are so many that the listing was left out of the first HTML:
    /// the browser then reads it behind the first rows.
    first: Option<(Shown, Option<Resource>)>,
}

/// More than this is not sent along with the first HTML.
#[cfg(feature = "ssr")]
const MOST_IN_HTML: usize = 300;

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Loaded> {
    let listing = list_resources(query.kind, scope, false).await.map_err(fails_page)?;
    #[cfg(feature = "ssr")]
    if listing.items.len() > MOST_IN_HTML {
        let accounts = use_accounts().get_untracked();
        let open = find(&listing.items, query.open.as_ref());
        let first = Some((show(&listing.items, &query, &accounts), open));
        return Ok(Loaded { listing: Listing { items: Vec::new(), ..listing }, first });
    }
    Ok(Loaded { listing, first: None })
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

/// What the page knows. Cheap to copy.
#[derive(Clone, Copy)]
struct List {
    kind: ResourceKind,
    items: RwSignal<Vec<Resource>>,
    sources: RwSignal<Vec<Source>>,
    /// The first rows and the one that is open, until the whole list is there.
    first: RwSignal<Option<(Shown, Option<Resource>)>>,
    busy: RwSignal<bool>,
}

impl List {
    fn new(loaded: Loaded, kind: ResourceKind) -> Self {
        Self {
            kind,
            items: RwSignal::new(loaded.listing.items),
            sources: RwSignal::new(loaded.listing.sources),
            first: RwSignal::new(loaded.first),
            busy: RwSignal::new(false),
        }
    }

    fn oldest(self) -> Option<Timestamp> {
        self.sources.with(|sources| sources.iter().filter_map(|source| source.fetched_at).min())
    }

    fn read(self, scope: Scope, fresh: bool, on_error: impl FnOnce(&Error) + 'static) {
        self.busy.set(true);
        spawn_local(async move {
            let outcome = list_resources(self.kind, scope, fresh).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(listing) => {
                    self.items.set(listing.items);
                    self.sources.set(listing.sources);
                    self.first.set(None);
                }
                Err(error) => on_error(&error.0),
            }
        });
    }

    /// Takes the tags that one has after a change.
    fn retag(self, id: &ResourceId, tags: Vec<Tag>) {
        let set = |resource: &mut Resource| {
            if resource.id() == id {
                resource.set_tags(tags.clone());
            }
        };
        if self.first.with_untracked(Option::is_some) {
            self.first.update(|first| {
                if let Some((shown, open)) = first {
                    shown.rows.iter_mut().chain(open).for_each(set);
                }
            });
        } else {
            self.items.update(|items| items.iter_mut().for_each(set));
        }
    }
}

fn list_view(loaded: Loaded, query: Memo<ListQuery>, kind: ResourceKind) -> AnyView {
    let list = List::new(loaded, kind);
    let scope = use_scope();
    let accounts = use_accounts();
    let filter = use_url_text(Memo::new(move |_| query.with(|query| query.text.clone())), move |text| {
        query.get_untracked().filtered(text).href(&scope.get_untracked())
    });
    // What is typed counts at once; the URL follows a moment later.
    let present = Signal::derive(move || ListQuery { text: filter.text.get(), ..query.get() });
    // Opening one does not filter and sort thousands of rows again.
    let sifted = Memo::new(move |_| present.get().opened(None));
    let shown = Memo::new(move |_| match list.first.get() {
        Some((first, _)) => first,
        None => list.items.with(|items| accounts.with(|accounts| show(items, &sifted.get(), accounts))),
    });
    let asked = Memo::new(move |_| query.with(|query| query.open.clone()));
    let open = Memo::new(move |_| {
        let asked = asked.get();
        match list.first.get() {
            Some((_, open)) => open.filter(|open| Some(open.id()) == asked.as_ref()),
            None => list.items.with(|items| find(items, asked.as_ref())),
        }
    });
    let toasts = use_toasts();
    let refresh = Callback::new(move |()| {
        list.read(scope.get_untracked(), true, move |error| toasts.error(error));
    });
    Effect::new(move |_| {
        if list.first.with_untracked(Option::is_some) {
            list.read(scope.get_untracked(), false, move |error| toasts.error(error));
        }
    });
    let count = Signal::derive(move || {
        shown.with(|Shown { matching, total, .. }| {
            Some(if matching == total { total.to_string() } else { format!("{matching} of {total}") })
        })
    });
    let on_tags = Callback::new(move |(id, tags): (ResourceId, Vec<Tag>)| list.retag(&id, tags));
    view! {
        <PageHeader title=title(kind) count=MaybeProp::from(count)>
            <Freshness oldest=Signal::derive(move || list.oldest()) on_refresh=refresh busy=list.busy/>
        </PageHeader>
        {ec2_tabs(Some(kind))}
        <SourceFailures sources=list.sources/>
        {dynamic(move || match open.get() {
            // Only its address changes when the list is filtered while it is open.
            Some(resource) => details_view(&resource, query, on_tags),
            None => missing_view(asked.get(), kind),
        })}
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                {filter_form(filter, kind)}
                {dynamic(move || remark_view(shown.with(|shown| shown.remarkable), &present.get(), &scope.get()))}
                {export_button(list, present, shown)}
            </div>
            {dynamic(move || rows_view(list, &present.get(), shown.get(), &scope.get()))}
            {dynamic(move || pages_view(&shown.get(), &present.get(), &scope.get()))}
        </div>
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
        _ if query.text == filter => ("Show all".to_owned(), String::new()),
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

fn filter_form(filter: UrlText, kind: ResourceKind) -> AnyView {
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
    view! {
        <QueryForm own=&[param::TEXT, param::PAGE] class="min-w-0 flex-1" label=label>
            <SearchBox
                label=label
                placeholder=placeholder
                name=param::TEXT
                class="w-full max-w-xl"
                described_by="filter-help"
                text=filter.text
                on_text=Callback::new(move |text| filter.typed(text))
            />
            <p id="filter-help" class="sr-only">
                "Words must all be found. " {help} " Exclude with a minus sign."
            </p>
        </QueryForm>
    }
    .into_any()
}

/// Saves what the filter lets pass, on all pages.
fn export_button(list: List, query: Signal<ListQuery>, shown: Memo<Shown>) -> AnyView {
    let accounts = use_accounts();
    let reason = Signal::derive(move || {
        let nothing = list.first.with(Option::is_some) || shown.with(|shown| shown.matching == 0);
        nothing.then(|| "There is nothing to export yet.".to_owned())
    });
    let save = Callback::new(move |()| {
        let text = list.items.with_untracked(|items| {
            accounts.with_untracked(|accounts| to_csv(items, &query.get_untracked(), accounts))
        });
        csv::save(&format!("ec2-{}.csv", list.kind.path()), &text);
    });
    view! {
        <ActionButton label="Export CSV" glyph=Glyph::Download class="btn-ghost" reason=reason on_press=save/>
    }
    .into_any()
}

/// The table, or what stands in its place.
fn rows_view(list: List, query: &ListQuery, shown: Shown, scope: &Scope) -> AnyView {
    let plural = list.kind.plural();
    if shown.total == 0 {
        let all_failed = list
            .sources
            .with(|sources| !sources.is_empty() && sources.iter().all(|source| source.error.is_some()));
        let (title, text) = if all_failed {
            ("No answer".to_owned(), "None of the accounts and regions could be asked.".to_owned())
        } else {
            (format!("No {plural}"), format!("There are no {plural} in these accounts and regions."))
        };
        return view! { <EmptyState title=title text=text glyph=Glyph::Server/> }.into_any();
    }
    if shown.matching == 0 {
        let all = paths::ec2_resources(list.kind, scope);
        return view! {
            <EmptyState title=format!("No {plural} match") text="Nothing fits this filter." glyph=Glyph::Filter>
                <a class="btn btn-sm" href=all>
                    "Clear filter"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    table_view(shown.rows, query, scope, tab_label(list.kind))
}

/// Which rows are shown, and the way to the others.
fn pages_view(shown: &Shown, query: &ListQuery, scope: &Scope) -> AnyView {
    let rows = bounds(shown.page, shown.rows.len());
    pager((shown.page, shown.pages), rows, shown.matching, |page| query.on_page(page).href(scope))
}
