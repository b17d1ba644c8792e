//! `/lambda`: every function of the scope.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Listing, Scope, Source, Timestamp,
    identity::Permission,
    lambda::{Deployed, Function},
};
use serde::{Deserialize, Serialize};

use super::{
    deploy::{DeployForm, Target},
    query::{Column, ListQuery, Shown, bounds, param, show},
};
use crate::{
    api::{ApiResult, fails_page, lambda::list_functions},
    charts::unit::bytes,
    components::{
        AccountTag, CopyButton, EmptyState, Freshness, Glyph, PageHeader, QueryForm, SearchBox,
        SourceFailures, Time, dynamic, failure, key_value::or_dash, nothing, pager, use_toasts, wait_for,
    },
    navigation::use_navigator,
    params::use_params,
    paths,
    scope::use_scope,
    session::{may_somewhere, use_accounts},
    url_text::{UrlText, use_url_text},
};

/// The list as it is first known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Loaded {
    listing: Listing<Function>,
    /// The answer to the page's query, when there are so many functions that the listing was left out of the first HTML: the browser
    /// then reads it behind the first rows.
    first: Option<Shown>,
}

/// More than this is not sent along with the first HTML.
#[cfg(feature = "ssr")]
const MOST_IN_HTML: usize = 300;

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Loaded> {
    let listing = list_functions(scope, false).await.map_err(fails_page)?;
    #[cfg(feature = "ssr")]
    if listing.items.len() > MOST_IN_HTML {
        let accounts = use_accounts().get_untracked();
        let first = Some(show(&listing.items, &query, &accounts));
        return Ok(Loaded { listing: Listing { items: Vec::new(), ..listing }, first });
    }
    let _ = query;
    Ok(Loaded { listing, first: None })
}

/// Every function of the scope: filtered and sorted.
#[component]
pub fn FunctionsPage() -> impl IntoView {
    let scope = use_scope();
    let params = use_params();
    let query = Memo::new(move |_| params.with(ListQuery::from_params));
    let loaded = Resource::new(move || scope.get(), move |scope| load(scope, query.get_untracked()));
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading functions", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(loaded) => view! { <Functions loaded=loaded query=query/> }.into_any(),
                Err(error) => {
                    let notice = failure(error.0, retry);
                    view! {
                        <PageHeader title="Lambda functions"/>
                        {notice}
                    }
                    .into_any()
                }
            }
        })
    })
}

/// What the page knows. Cheap to copy.
#[derive(Clone, Copy)]
struct List {
    items: RwSignal<Vec<Function>>,
    sources: RwSignal<Vec<Source>>,
    /// The first rows, until the whole list is there.
    first: RwSignal<Option<Shown>>,
    busy: RwSignal<bool>,
}

impl List {
    fn new(loaded: Loaded) -> Self {
        Self {
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
            let outcome = list_functions(scope, fresh).await;
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
}

#[component]
fn Functions(loaded: Loaded, query: Memo<ListQuery>) -> impl IntoView {
    let list = List::new(loaded);
    let scope = use_scope();
    let accounts = use_accounts();
    let filter = use_url_text(Memo::new(move |_| query.with(|query| query.text.clone())), move |text| {
        let wanted = ListQuery { text: text.to_owned(), page: 1, ..query.get_untracked() };
        wanted.href(&scope.get_untracked())
    });
    // What is typed counts at once; the URL follows a moment later.
    let present = Signal::derive(move || ListQuery { text: filter.text.get(), ..query.get() });
    let shown = Memo::new(move |_| match list.first.get() {
        Some(first) => first,
        None => list.items.with(|items| accounts.with(|accounts| show(items, &present.get(), accounts))),
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
    view! {
        <PageHeader title="Lambda functions" count=MaybeProp::from(count)>
            {create_link(query)}
            <Freshness oldest=Signal::derive(move || list.oldest()) on_refresh=refresh busy=list.busy/>
        </PageHeader>
        <SourceFailures sources=list.sources/>
        {creating(query)}
        <div class="panel">
            <div class="toolbar">{filter_form(filter)}</div>
            {dynamic(move || rows_view(list, present, shown, scope))}
            {dynamic(move || pages_view(&shown.get(), &present.get(), &scope.get()))}
        </div>
    }
}

/// The way to the form for a new function, for whom may use it.
fn create_link(query: Memo<ListQuery>) -> AnyView {
    let scope = use_scope();
    let allowed = may_somewhere(Permission::Operate);
    dynamic(move || {
        if !allowed.get() {
            return nothing();
        }
        let now = query.get();
        let label = if now.create { "Close form" } else { "Create function" };
        let href = ListQuery { create: !now.create, ..now }.href(&scope.get());
        view! {
            <a class="btn btn-sm needs-js" href=href>
                {label}
            </a>
        }
        .into_any()
    })
    .into_any()
}

/// The form for a new function, while it is open.
fn creating(query: Memo<ListQuery>) -> AnyView {
    let scope = use_scope();
    let toasts = use_toasts();
    let navigator = use_navigator();
    let open = Memo::new(move |_| query.with(|query| query.create));
    let done = Callback::new(move |deployed: Deployed| {
        toasts.success(super::deploy::success_text(&deployed));
        navigator.go(&paths::function(&deployed.place, &deployed.name, &scope.get_untracked()), false);
    });
    dynamic(move || {
        if open.get() {
            view! { <DeployForm target=Target::New on_done=done/> }.into_any()
        } else {
            nothing()
        }
    })
    .into_any()
}

fn filter_form(filter: UrlText) -> AnyView {
    view! {
        <QueryForm own=&[param::TEXT, param::PAGE] class="min-w-0 flex-1" label="Filter functions">
            <SearchBox
                label="Filter functions"
                placeholder="Filter by name, runtime, description or account"
                name=param::TEXT
                class="w-full max-w-xl"
                described_by="filter-help"
                text=filter.text
                on_text=Callback::new(move |text| filter.typed(text))
            />
            <p id="filter-help" class="sr-only">
                "Words must all be found. Narrow a word to a column with runtime:python, memory:512 or region:eu; exclude with a minus sign."
            </p>
        </QueryForm>
    }
    .into_any()
}

/// The table, or what stands in its place.
fn rows_view(list: List, present: Signal<ListQuery>, shown: Memo<Shown>, scope: Memo<Scope>) -> AnyView {
    let Shown { rows, matching, total, .. } = shown.get();
    if total == 0 {
        let all_failed = list
            .sources
            .with(|sources| !sources.is_empty() && sources.iter().all(|source| source.error.is_some()));
        let (title, text) = if all_failed {
            ("No answer", "None of the accounts and regions could be asked.")
        } else {
            ("No functions", "There are no Lambda functions in these accounts and regions.")
        };
        return view! { <EmptyState title=title text=text glyph=Glyph::Lambda/> }.into_any();
    }
    if matching == 0 {
        return view! {
            <EmptyState title="No functions match" text="Nothing fits this filter." glyph=Glyph::Filter>
                <a class="btn btn-sm" href=paths::lambda(&scope.get())>
                    "Clear filter"
                </a>
            </EmptyState>
        }
        .into_any();
    }
    let query = present.get();
    let here = scope.get();
    let headers = Column::ALL.map(|column| header(column, &query, &here)).collect_view();
    let rows = rows.into_iter().map(|function| row(function, &here)).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Functions">
            <table class="data-table">
                <thead>
                    <tr>
                        {headers} <th scope="col">"Description"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn header(column: Column, query: &ListQuery, scope: &Scope) -> AnyView {
    let order = (query.sort == column).then_some(if query.descending { "descending" } else { "ascending" });
    view! {
        <th scope="col" aria-sort=order>
            <a href=query.sorted_by(column).href(scope)>{column.label()}</a>
        </th>
    }
    .into_any()
}

fn row(function: Function, scope: &Scope) -> AnyView {
    let href = paths::function(&function.place(), &function.name, scope);
    let modified = match function.last_modified {
        Some(at) => view! { <Time at=at brief=true/> }.into_any(),
        None => "–".into_any(),
    };
    let runtime = if function.package_type == "Image" {
        "container image".to_owned()
    } else {
        or_dash(function.runtime)
    };
    view! {
        <tr>
            <td class="max-w-72">
                <span class="flex items-center gap-0.5">
                    <a class="block truncate font-medium" href=href>
                        {function.name.to_string()}
                    </a>
                    <CopyButton text=function.arn label="Copy ARN"/>
                </span>
            </td>
            <td>{runtime}</td>
            <td class="tabular-nums">{format!("{} MB", function.memory_mb)}</td>
            <td class="tabular-nums">{format!("{} s", function.timeout_secs)}</td>
            <td class="tabular-nums">{bytes(function.code_size)}</td>
            <td class="tabular-nums">{modified}</td>
            <td><AccountTag account=function.account/></td>
            <td>{function.region.to_string()}</td>
            <td class="max-w-80">
                <span class="block truncate">{function.description}</span>
            </td>
        </tr>
    }
    .into_any()
}

/// Which rows are shown, and the way to the others.
fn pages_view(shown: &Shown, query: &ListQuery, scope: &Scope) -> AnyView {
    let rows = bounds(shown.page, shown.rows.len());
    pager((shown.page, shown.pages), rows, shown.matching, |page| query.on_page(page).href(scope))
}
