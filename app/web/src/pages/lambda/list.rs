//! `/lambda`: every function of the scope.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Scope, Source,
    identity::Permission,
    lambda::{Deployed, Function, FunctionMeasures},
};

use super::{
    bulk::functions_bulk,
    columns::{Beside, Column},
    deploy::{DeployForm, Target},
    query::{ListQuery, Shown, order, show, to_csv},
    table::functions_table,
};
use crate::{
    api::{
        ApiResult, fails_page,
        lambda::{function_metrics, list_functions},
    },
    components::{
        Freshness, Glyph, PageHeader, SourceFailures, dynamic, failure, nothing, use_toasts, wait_for,
    },
    hydration::use_hydrated,
    listing::{
        self, Address, Items, arranged,
        bulk::{bulk_dialog, bulk_report, selection_bar},
        parts::{FilterWords, chooser, emptiness, export_button, filter_form, pages},
        table_or, use_address, use_order,
    },
    navigation::use_navigator,
    params::use_params,
    paths,
    scope::use_scope,
    session::{may_somewhere, use_accounts},
};

type Loaded = listing::Loaded<Function, Shown>;

const FILTER: FilterWords = FilterWords {
    label: "Filter functions",
    placeholder: "Filter by name, runtime, description or account",
    help: "Narrow a word to a column with runtime:python, memory:512, errors:>0 or region:eu.",
};

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Loaded> {
    let listing = list_functions(scope, false).await.map_err(fails_page)?;
    Ok(Loaded::new(listing, |all| {
        let beside = Beside::new(use_accounts().get_untracked(), Vec::new());
        let order = order(all, query.list.order(), &beside, None);
        show(&arranged(all, &order), &query.list, &beside).first()
    }))
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
    functions: Items<Function, Shown>,
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
            functions: Items::new(loaded),
        }
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
                    let place = self
                        .functions
                        .sources
                        .try_with_untracked(|all| Some(all.first()?.place.clone()))
                        .flatten();
                    let source = place.map(|place| Source { place, fetched_at: None, error: Some(error.0) });
                    let _ = self.measured.try_set(source.into_iter().collect());
                }
            }
        });
    }

    /// The places whose functions are known, but not what they did.
    fn unmeasured(self) -> Vec<Source> {
        let failed = self.functions.sources.with(|sources| {
            let failed = sources.iter().filter(|source| source.error.is_some());
            failed.map(|source| source.place.clone()).collect::<Vec<_>>()
        });
        self.measured
            .with(|all| all.iter().filter(|source| !failed.contains(&source.place)).cloned().collect())
    }
}

#[component]
fn Functions(loaded: Loaded, query: Memo<ListQuery>) -> impl IntoView {
    let list = List::new(loaded);
    let functions = list.functions;
    let scope = use_scope();
    let address = use_address(Memo::new(move |_| query.with(|query| query.list.clone())), move |list| {
        query.with(|query| query.with(list).href(&scope.get()))
    });
    let order = use_order(functions.all, address, move |all, sort, before| {
        list.beside.with(|beside| order(all, sort, beside, before))
    });
    let shown = Memo::new(move |_| match functions.first.get() {
        Some(first) => first,
        None => functions.all.with(|all| {
            let sorted = order.with(|order| arranged(all, order));
            list.beside.with(|beside| show(&sorted, &address.sieve.get(), beside))
        }),
    });
    let toasts = use_toasts();
    let read = move |fresh| {
        functions
            .read(move || list_functions(scope.get_untracked(), fresh), move |error| toasts.error(error));
    };
    Effect::new(move |_| {
        if functions.first.with_untracked(Option::is_some) {
            read(false);
        }
    });
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        if hydrated.get() {
            list.measure(scope.get());
        }
    });
    let count = Signal::derive(move || Some(shown.with(listing::Shown::count)));
    address.selection.follow(functions);
    let bulk = functions_bulk(address.selection, functions.all);
    let visible = Signal::derive(move || shown.with(|shown| address.selection.count_in(&shown.keys)));
    view! {
        <PageHeader title="Lambda functions" count=MaybeProp::from(count)>
            {create_link(query)}
            <Freshness
                oldest=Signal::derive(move || functions.oldest())
                on_refresh=Callback::new(move |()| read(true))
                busy=functions.busy
            />
        </PageHeader>
        <SourceFailures sources=functions.sources/>
        <SourceFailures sources=Signal::derive(move || list.unmeasured())/>
        {creating(query)}
        {bulk_report(bulk.bulk)}
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                {filter_form(address, FILTER)} {chooser(address)} {export(list, address, order)}
            </div>
            {selection_bar(address.selection, (bulk.chosen.count(), visible), bulk.bulk.busy(), bulk.buttons())}
            {table_or(
                move || shown.with(|shown| shown.rows.clone()),
                Signal::derive(move || shown.with(|shown| shown.keys.clone())),
                functions_table(address, list.beside, scope),
                move || {
                    let clear = move || address.cleared();
                    shown.with(|shown| {
                        emptiness(shown, functions.all_failed(), "functions", Glyph::Lambda, clear)
                    })
                },
            )}
            {dynamic(move || shown.with(|shown| pages(shown, address)))}
        </div>
        {bulk_dialog(bulk.bulk, nothing(), Callback::new(move |typed| bulk.perform(typed)))}
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
        super::deploy::tell(toasts, &deployed);
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

/// Saves what the filter lets pass, on all pages, with the columns that are shown.
fn export(list: List, address: Address<Column>, order: Memo<Vec<usize>>) -> AnyView {
    let all = list.functions.all;
    let reason =
        Signal::derive(move || all.with(Vec::is_empty).then(|| "There is nothing to export yet.".to_owned()));
    export_button("lambda-functions.csv".to_owned(), reason, move || {
        let query = address.present.get_untracked();
        all.with_untracked(|all| {
            let sorted = order.with_untracked(|order| arranged(all, order));
            list.beside.with_untracked(|beside| to_csv(&sorted, &query, beside))
        })
    })
}
