//! `/lambda`: every function of the scope.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Listing, Scope, Source, Timestamp,
    identity::Permission,
    lambda::{Deployed, Function, FunctionMeasures},
};
use serde::{Deserialize, Serialize};

use super::{
    columns::{Beside, Column},
    deploy::{DeployForm, Target},
    query::{ListQuery, Shown, bounds, param, show, to_csv},
    table::table,
};
use crate::{
    api::{
        ApiResult, fails_page,
        lambda::{function_metrics, list_functions},
    },
    components::{
        ActionButton, EmptyState, Freshness, Glyph, PageHeader, QueryForm, SearchBox, SourceFailures,
        column_chooser, dynamic, failure, nothing, pager, text, use_toasts, wait_for,
    },
    csv,
    hydration::use_hydrated,
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
        let first = Some(show(&listing.items, &query, &Beside::new(accounts, Vec::new())));
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
    /// What functions did in the last day; empty until it is known.
    measures: RwSignal<Vec<FunctionMeasures>>,
    /// Where that was asked.
    measured: RwSignal<Vec<Source>>,
    beside: Memo<Beside>,
}

impl List {
    fn new(loaded: Loaded) -> Self {
        let measures = RwSignal::new(Vec::new());
        let accounts = use_accounts();
        Self {
            measures,
            measured: RwSignal::new(Vec::new()),
            beside: Memo::new(move |_| Beside::new(accounts.get(), measures.get())),
            items: RwSignal::new(loaded.listing.items),
            sources: RwSignal::new(loaded.listing.sources),
            first: RwSignal::new(loaded.first),
            busy: RwSignal::new(false),
        }
    }

    fn oldest(self) -> Option<Timestamp> {
        self.sources.with(|sources| sources.iter().filter_map(|source| source.fetched_at).min())
    }

    /// Reads what functions did, behind the table, which never waits for it.
    fn measure(self, scope: Scope) {
        spawn_local(async move {
            let outcome = function_metrics(scope.clone()).await;
            match outcome {
                Ok(listing) => {
                    let _ = self.measures.try_set(listing.items);
                    let _ = self.measured.try_set(listing.sources);
                }
                // The whole scope failed: each of its places says so by itself otherwise.
                Err(error) => {
                    let place =
                        self.sources.try_with_untracked(|all| Some(all.first()?.place.clone())).flatten();
                    let source = place.map(|place| Source { place, fetched_at: None, error: Some(error.0) });
                    let _ = self.measured.try_set(source.into_iter().collect());
                }
            }
        });
    }

    /// The places whose functions are known, but not what they did.
    fn unmeasured(self) -> Vec<Source> {
        let failed = self.sources.with(|sources| {
            let failed = sources.iter().filter(|source| source.error.is_some());
            failed.map(|source| source.place.clone()).collect::<Vec<_>>()
        });
        self.measured
            .with(|all| all.iter().filter(|source| !failed.contains(&source.place)).cloned().collect())
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
    let filter = use_url_text(Memo::new(move |_| query.with(|query| query.text.clone())), move |text| {
        let wanted = ListQuery { text: text.to_owned(), page: 1, ..query.get_untracked() };
        wanted.href(&scope.get_untracked())
    });
    // What is typed counts at once; the URL follows a moment later.
    let present = Signal::derive(move || ListQuery { text: filter.text.get(), ..query.get() });
    // Other columns do not filter and sort thousands of rows again.
    let sifted = Memo::new(move |_| ListQuery { columns: Vec::new(), ..present.get() });
    let shown = Memo::new(move |_| match list.first.get() {
        Some(first) => first,
        None => list.items.with(|items| list.beside.with(|beside| show(items, &sifted.get(), beside))),
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
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        if hydrated.get() {
            list.measure(scope.get());
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
        <SourceFailures sources=Signal::derive(move || list.unmeasured())/>
        {creating(query)}
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                {filter_form(filter)} {chooser(present, scope)} {export_button(list, present)}
            </div>
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

/// Which columns are shown.
fn chooser(query: Signal<ListQuery>, scope: Memo<Scope>) -> AnyView {
    let columns = Memo::new(move |_| query.with(ListQuery::shown_columns));
    let choices = Column::ALL.into_iter().filter(|column| *column != Column::Name);
    let choices = choices.map(|column| (column.as_str(), column.label())).collect();
    let is_shown = move |word| columns.with(|columns| columns.iter().any(|column| column.as_str() == word));
    let usual = text(move || ListQuery { columns: Vec::new(), ..query.get() }.href(&scope.get()));
    column_chooser(choices, is_shown, usual)
}

/// Saves what the filter lets pass, on all pages, with the columns that are shown.
fn export_button(list: List, query: Signal<ListQuery>) -> AnyView {
    let reason = Signal::derive(move || {
        list.items.with(Vec::is_empty).then(|| "There is nothing to export yet.".to_owned())
    });
    let save = Callback::new(move |()| {
        let query = query.get_untracked();
        let text = list
            .items
            .with_untracked(|items| list.beside.with_untracked(|beside| to_csv(items, &query, beside)));
        csv::save("lambda-functions.csv", &text);
    });
    view! {
        <ActionButton
            label="Export CSV"
            glyph=Glyph::Download
            class="btn-ghost"
            reason=reason
            on_press=save
        />
    }
    .into_any()
}

fn filter_form(filter: UrlText) -> AnyView {
    view! {
        <QueryForm own=&[param::TEXT, param::PAGE] class="min-w-0 flex-1 basis-72" label="Filter functions">
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
                "Words must all be found. Narrow a word to a column with runtime:python, memory:512, errors:>0 or region:eu; exclude with a minus sign."
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
    table(rows, &present.get(), &list.beside.get(), &scope.get())
}

/// Which rows are shown, and the way to the others.
fn pages_view(shown: &Shown, query: &ListQuery, scope: &Scope) -> AnyView {
    let rows = bounds(shown.page, shown.rows.len());
    pager((shown.page, shown.pages), rows, shown.matching, |page| query.on_page(page).href(scope))
}
