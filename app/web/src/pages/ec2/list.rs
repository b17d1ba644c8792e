//! `/ec2`: every instance of the scope.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Listing, Scope, Source, Timestamp,
    ec2::{Instance, InstanceId, ListPrice, StatusChecks, Termination},
    live::KnownAt,
};
use serde::{Deserialize, Serialize};

use super::{
    actions::{ActionDialog, Actions, title_of},
    beside::Beside,
    bulk::{Bulk, BulkDialog, BulkReport, SelectionBar},
    checks::ListChecks,
    prices::ListPrices,
    query::{ListQuery, Shown, show, to_csv},
    row_menu::{RowMenu, RowMenuState},
    selection::{Selection, use_selection},
    table::InstancesTable,
    tabs::ec2_tabs,
    terminations::Terminations,
    toolbar::{ColumnChooser, FilterForm, Pager, StateChips, launch_link},
};
use crate::{
    api::{
        ApiResult,
        ec2::{known_prices, list_instances, list_terminations},
        fails_page,
        instance::list_status_checks,
    },
    browser,
    components::{
        ActionButton, EmptyState, Freshness, Glyph, LiveDot, PageHeader, SourceFailures, dynamic, failure,
        text, use_toasts, wait_for,
    },
    csv,
    live::{LiveUpdate, Topic, Trouble, merge_instances, use_live},
    params::use_params,
    scope::use_scope,
    session::use_accounts,
    url_text::use_url_text,
};

/// The list as it is first known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Loaded {
    listing: Listing<Instance>,
    /// The answer to the page's query, when there are so many instances that the listing was left out of the first HTML: the
    /// browser then reads it behind the first rows.
    first: Option<Shown>,
    /// What the status checks say, where something of that is shown; of the first rows, when the listing was left out.
    checks: Option<Listing<StatusChecks>>,
    /// What the kinds of instances cost, where that was known in a moment.
    prices: Option<Listing<ListPrice>>,
    /// What is about to be terminated.
    terminations: Vec<Termination>,
}

/// More than this is not sent along with the first HTML.
#[cfg(feature = "ssr")]
const MOST_IN_HTML: usize = 300;

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Loaded> {
    let checks = match query.needs_checks() {
        // Without them the list is still the list; the page reads them again.
        true => list_status_checks(scope.clone(), false).await.ok(),
        false => None,
    };
    let listing = list_instances(scope.clone(), false).await.map_err(fails_page)?;
    // Neither of them is worth a page without instances.
    let terminations = Box::pin(list_terminations(scope.clone())).await.unwrap_or_default();
    let prices = Box::pin(known_prices(scope)).await;
    #[cfg(feature = "ssr")]
    if listing.items.len() > MOST_IN_HTML {
        let known = checks.iter().flat_map(|checks| checks.items.iter());
        let known = known.map(|checks| (checks.id.clone(), checks.clone())).collect();
        let beside = Beside {
            accounts: use_accounts().get_untracked(),
            checks: known,
            prices: super::prices::Prices::new(prices.as_ref()),
            now: None,
        };
        // All the ids belong to the list, which the browser reads behind it.
        let first = Shown { ids: Vec::new(), ..show(&listing.items, &query, &beside) };
        let checks = checks.map(|checks| {
            let of_rows = first.rows.iter().filter_map(|row| beside.checks_of(row).cloned()).collect();
            Listing { items: of_rows, ..checks }
        });
        return Ok(Loaded {
            listing: Listing { items: Vec::new(), ..listing },
            first: Some(first),
            checks,
            prices,
            terminations,
        });
    }
    Ok(Loaded { listing, first: None, checks, prices, terminations })
}

/// Every instance of the scope: filtered, sorted, live, and acted upon.
#[component]
pub fn InstancesPage() -> impl IntoView {
    let scope = use_scope();
    let params = use_params();
    let query = Memo::new(move |_| params.with(ListQuery::from_params));
    let loaded = Resource::new(move || scope.get(), move |scope| load(scope, query.get_untracked()));
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading instances", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(loaded) => view! { <Instances loaded=loaded query=query/> }.into_any(),
                Err(error) => {
                    let notice = failure(error.0, retry);
                    view! {
                        <PageHeader title="EC2 instances"/>
                        {ec2_tabs(None)}
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
    items: RwSignal<Vec<Instance>>,
    sources: RwSignal<Vec<Source>>,
    /// The first rows, until the whole list is there.
    first: RwSignal<Option<Shown>>,
    /// Instances that changed a moment ago.
    changed: RwSignal<Vec<InstanceId>>,
    /// What changed last, in words.
    spoken: RwSignal<String>,
    busy: RwSignal<bool>,
}

impl List {
    fn new(loaded: Loaded) -> Self {
        Self {
            items: RwSignal::new(loaded.listing.items),
            sources: RwSignal::new(loaded.listing.sources),
            first: RwSignal::new(loaded.first),
            changed: RwSignal::new(Vec::new()),
            spoken: RwSignal::new(String::new()),
            busy: RwSignal::new(false),
        }
    }

    fn take(self, listing: Listing<Instance>) {
        self.items.set(listing.items);
        self.sources.set(listing.sources);
        self.first.set(None);
    }

    fn oldest(self) -> Option<Timestamp> {
        self.sources.with(|sources| sources.iter().filter_map(|source| source.fetched_at).min())
    }

    fn known_at(self) -> Vec<KnownAt> {
        self.sources.with_untracked(|sources| {
            let known =
                |source: &Source| Some(KnownAt { place: source.place.clone(), at: source.fetched_at? });
            sources.iter().filter_map(known).collect()
        })
    }

    fn read(self, scope: Scope, fresh: bool, on_error: impl FnOnce(&Error) + 'static) {
        self.busy.set(true);
        spawn_local(async move {
            let outcome = list_instances(scope, fresh).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(listing) => self.take(listing),
                Err(error) => on_error(&error.0),
            }
        });
    }

    /// Takes live news: only what is really different is shown as changed.
    fn apply(self, changed: Vec<Instance>, gone: &[InstanceId]) {
        let different: Vec<Instance> = self.items.with_untracked(|items| {
            changed.into_iter().filter(|instance| !items.contains(instance)).collect()
        });
        if different.is_empty() && gone.is_empty() {
            return;
        }
        let ids: Vec<InstanceId> = different.iter().map(|instance| instance.id.clone()).collect();
        if let [only] = different.as_slice() {
            self.spoken.set(format!("{} is {}.", title_of(only), only.state.as_str()));
        } else if !different.is_empty() {
            self.spoken.set(format!("{} instances changed.", different.len()));
        }
        self.items.update(|items| merge_instances(items, different, gone));
        self.changed.set(ids.clone());
        set_timeout(
            move || {
                let _ = self.changed.try_update(|changed| changed.retain(|id| !ids.contains(id)));
            },
            Duration::from_millis(1_800),
        );
    }
}

#[component]
fn Instances(loaded: Loaded, query: Memo<ListQuery>) -> impl IntoView {
    let checks = ListChecks::new(loaded.checks.clone(), loaded.first.is_none());
    let prices = ListPrices::new(loaded.prices.clone());
    let scope = use_scope();
    let terminations = Terminations::new(loaded.terminations.clone(), scope.into());
    provide_context(terminations);
    let list = List::new(loaded);
    let accounts = use_accounts();
    let beside = Memo::new(move |_| Beside {
        accounts: accounts.get(),
        checks: checks.known.get(),
        prices: prices.known.get(),
        now: None,
    });
    let filter = use_url_text(Memo::new(move |_| query.with(|query| query.text.clone())), move |text| {
        let wanted = ListQuery { text: text.to_owned(), page: 1, ..query.get_untracked() };
        wanted.href(&scope.get_untracked())
    });
    let in_url = Memo::new(move |_| query.with(|query| query.selected.clone()));
    let selection = use_selection(in_url, move |selected| {
        ListQuery { selected, ..query.get_untracked() }.href(&scope.get_untracked())
    });
    // What is typed and ticked counts at once; the URL follows a moment later.
    let present = Signal::derive(move || ListQuery {
        text: filter.text.get(),
        selected: selection.in_address(),
        ..query.get()
    });
    // Neither a tick nor another column filters and sorts thousands of rows again.
    let sifted = Memo::new(move |_| ListQuery {
        text: filter.text.get(),
        columns: Vec::new(),
        selected: Vec::new(),
        ..query.get()
    });
    let shown = Memo::new(move |_| match list.first.get() {
        Some(first) => first,
        None => list.items.with(|items| beside.with(|beside| show(items, &sifted.get(), beside))),
    });
    let toasts = use_toasts();
    let refresh = Callback::new(move |()| {
        list.read(scope.get_untracked(), true, move |error| toasts.error(error));
        if present.with_untracked(ListQuery::needs_checks) {
            checks.read(scope.get_untracked(), true);
        }
    });
    checks.follow(scope, Memo::new(move |_| present.with(ListQuery::needs_checks)));
    prices.follow(scope, list.items);
    Effect::new(move |_| {
        if list.first.with_untracked(Option::is_some) {
            list.read(scope.get_untracked(), false, move |error| toasts.error(error));
        }
    });
    let trouble = RwSignal::new(None::<Trouble>);
    follow(list, trouble);
    let live = use_live();
    let refreshed = Callback::new(move |instance: Instance| list.apply(vec![instance], &[]));
    let actions = Actions::new(refreshed, terminations);
    let bulk = Bulk::new(selection, list.items, actions);
    let visible = Memo::new(move |_| shown.with(|shown| selection.count_in(&shown.ids)));
    let menu = RowMenuState::new();
    let find = Callback::new(move |id: InstanceId| {
        shown.with_untracked(|shown| shown.rows.iter().find(|row| row.id == id).cloned())
    });
    let count = move || {
        shown.with(|shown| {
            if shown.matching == shown.total {
                shown.total.to_string()
            } else {
                format!("{} of {}", shown.matching, shown.total)
            }
        })
    };
    let bill = Memo::new(move |_| {
        let bill = shown.with(|shown| shown.bill);
        Some(beside.with(|beside| bill.words(&beside.prices, &beside.accounts)))
            .filter(|words| !words.is_empty())
    });
    let unpriced = Signal::derive(move || {
        if present.with(ListQuery::shows_prices) { prices.failures(list.sources) } else { Vec::new() }
    });
    view! {
        <PageHeader
            title="EC2 instances"
            count=Signal::derive(move || Some(count()))
            text=Signal::derive(move || bill.get())
        >
            {launch_link()}
            <LiveDot status=live.status_of(trouble) notice=live.notice_of(trouble)/>
            <Freshness
                oldest=Signal::derive(move || list.oldest())
                on_refresh=refresh
                busy=list.busy
            />
        </PageHeader>
        {ec2_tabs(None)}
        <SourceFailures sources=list.sources/>
        <SourceFailures sources=checks.failures(list.sources)/>
        <SourceFailures sources=unpriced/>
        <BulkReport bulk=bulk/>
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                <FilterForm filter=filter/>
                <StateChips query=present shown=shown/>
                <ColumnChooser query=present/>
                <ExportButton list=list query=present shown=shown beside=beside/>
            </div>
            <SelectionBar bulk=bulk visible=visible/>
            <Rows list=list present=present shown=shown beside=beside menu=menu selection=selection/>
            <Pager query=present shown=shown/>
        </div>
        <RowMenu state=menu actions=actions find=find/>
        <ActionDialog actions=actions/>
        <BulkDialog bulk=bulk/>
        <p class="sr-only" role="status">{list.spoken}</p>
    }
}

/// Saves what the filter lets pass, on all pages, with the columns that are shown.
#[component]
fn ExportButton(
    list: List,
    query: Signal<ListQuery>,
    shown: Memo<Shown>,
    beside: Memo<Beside>,
) -> impl IntoView {
    let reason = Signal::derive(move || {
        let nothing = shown.with(|shown| shown.ids.is_empty());
        nothing.then(|| "There is nothing to export yet.".to_owned())
    });
    let save = Callback::new(move |()| {
        let columns = query.with_untracked(ListQuery::shown_columns);
        let now = Some(Timestamp::from_millis(browser::now_millis()));
        let beside = Beside { now, ..beside.get_untracked() };
        let text = list.items.with_untracked(|items| {
            shown.with_untracked(|shown| to_csv(items, &shown.ids, &columns, &beside))
        });
        csv::save("ec2-instances.csv", &text);
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
}

/// The table, or what stands in its place.
#[component]
fn Rows(
    list: List,
    present: Signal<ListQuery>,
    shown: Memo<Shown>,
    beside: Memo<Beside>,
    menu: RowMenuState,
    selection: Selection,
) -> impl IntoView {
    let scope = use_scope();
    let kind = Memo::new(move |_| shown.with(|shown| (shown.total == 0, shown.matching == 0)));
    dynamic(move || match kind.get() {
        (true, _) => {
            let all_failed = list
                .sources
                .with(|sources| !sources.is_empty() && sources.iter().all(|source| source.error.is_some()));
            let (title, text) = if all_failed {
                ("No answer", "None of the accounts and regions could be asked.")
            } else {
                ("No instances", "There are no EC2 instances in these accounts and regions.")
            };
            view! { <EmptyState title=title text=text glyph=Glyph::Server/> }.into_any()
        }
        (false, true) => view! {
            <EmptyState title="No instances match" text="Nothing fits this filter." glyph=Glyph::Filter>
                <a class="btn btn-sm" href=text(move || present.get().widened().href(&scope.get()))>
                    "Clear filter"
                </a>
            </EmptyState>
        }
        .into_any(),
        (false, false) => view! {
            <InstancesTable
                query=present
                shown=shown
                beside=beside
                changed=list.changed
                menu=menu
                selection=selection
            />
        }
        .into_any(),
    })
}

/// Follows the instances, once the whole list is there.
fn follow(list: List, trouble: RwSignal<Option<Trouble>>) {
    let live = use_live();
    let scope = use_scope();
    let complete = Memo::new(move |_| list.first.with(Option::is_none));
    Effect::new(move |_| {
        if !complete.get() {
            return;
        }
        let topic = Topic::Instances { scope: scope.get(), since: list.known_at() };
        live.subscribe(topic, move |update| match update {
            // It says nothing of a trouble, which may be another place's.
            LiveUpdate::Instances(change) => {
                list.sources.update(|sources| {
                    if let Some(source) = sources.iter_mut().find(|source| source.place == change.place) {
                        source.fetched_at = Some(change.at);
                        source.error = None;
                    }
                });
                let gone = list.items.with_untracked(|items| change.lost_of(items));
                list.apply(change.changed, &gone);
            }
            LiveUpdate::Trouble(what) => trouble.set(Some(what)),
            LiveUpdate::Recovered => trouble.set(None),
            LiveUpdate::Logs { .. } | LiveUpdate::Metric(_) | LiveUpdate::Resumed => {}
        });
    });
}
