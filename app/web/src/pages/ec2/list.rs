//! `/ec2`: every instance of the scope.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Place, Scope, Source, Timestamp,
    ec2::{Instance, InstanceId, ListPrice, ResourceId, StatusChecks, Tag, Termination},
    live::KnownAt,
};
use serde::{Deserialize, Serialize};

use super::{
    action_dialog::ActionDialog,
    actions::{Actions, title_of},
    beside::Beside,
    bulk::InstancesBulk,
    bulk_tags::bulk_tags_dialog,
    checks::ListChecks,
    prices::{ListPrices, Prices},
    query::{ListQuery, Shown, order, show, to_csv},
    row_menu::{RowMenu, RowMenuState},
    table::instances_table,
    tabs::ec2_tabs,
    terminations::Terminations,
    toolbar::{FILTER, StateChips, launch_link},
};
use crate::{
    api::{
        ApiResult,
        ec2::{known_prices, list_instances, list_terminations},
        fails_page,
        instance::{known_status_checks, list_status_checks},
    },
    browser,
    components::{
        Freshness, Glyph, LiveDot, PageHeader, SourceFailures, dynamic, failure, nothing, use_toasts,
        wait_for,
    },
    listing::{
        self, Items, Row, arranged,
        bulk::{bulk_dialog, bulk_report, selection_bar},
        parts::{chooser, emptiness, export_button, filter_form, pages},
        table_or, use_address, use_order,
    },
    live::{LiveUpdate, Topic, Trouble, merge_instances, use_live},
    params::use_params,
    scope::use_scope,
    session::use_accounts,
};

/// The list as it is first known.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Loaded {
    list: listing::Loaded<Instance, Shown>,
    /// What the status checks say, where that was known in a moment or is needed; of the first rows, when the listing was left out.
    checks: Option<Listing<StatusChecks>>,
    /// What the kinds of instances cost, where that was known in a moment.
    prices: Option<Listing<ListPrice>>,
    /// What is about to be terminated.
    terminations: Vec<Termination>,
}

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Loaded> {
    let mut checks = match query.needs_checks() {
        // Without them the list is still the list; the page reads them again.
        true => list_status_checks(scope.clone(), false).await.ok(),
        // An impaired one is named all the same, but nobody waits for it.
        false => Box::pin(known_status_checks(scope.clone())).await,
    };
    let listing = list_instances(scope.clone(), false).await.map_err(fails_page)?;
    // Neither of them is worth a page without instances.
    let terminations = Box::pin(list_terminations(scope.clone())).await.unwrap_or_default();
    let prices = Box::pin(known_prices(scope)).await;
    let list = listing::Loaded::new(listing, |all| {
        let known = checks.iter().flat_map(|checks| checks.items.iter());
        let beside = Beside {
            accounts: use_accounts().get_untracked(),
            checks: known.map(|checks| (checks.id.clone(), checks.clone())).collect(),
            prices: Prices::new(prices.as_ref()),
            now: None,
        };
        let order = order(all, query.list.order(), &beside, None);
        let shown = show(&arranged(all, &order), &query, &beside);
        Shown { list: shown.list.first(), ..shown }
    });
    if let (Some(first), Some(checks)) = (list.first(), &mut checks) {
        checks.items.retain(|checks| first.list.rows.iter().any(|row| row.id == checks.id));
    }
    Ok(Loaded { list, checks, prices, terminations })
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
    instances: Items<Instance, Shown>,
    /// The keys of instances that changed a moment ago.
    changed: RwSignal<HashSet<String>>,
    /// What changed last, in words.
    spoken: RwSignal<String>,
}

impl List {
    fn new(loaded: listing::Loaded<Instance, Shown>) -> Self {
        Self {
            instances: Items::new(loaded),
            changed: RwSignal::new(HashSet::new()),
            spoken: RwSignal::new(String::new()),
        }
    }

    fn known_at(self) -> Vec<KnownAt> {
        self.instances.sources.with_untracked(|sources| {
            let known =
                |source: &Source| Some(KnownAt { place: source.place.clone(), at: source.fetched_at? });
            sources.iter().filter_map(known).collect()
        })
    }

    /// An answer, but for what was heard of some places since they were asked.
    fn but_newer(self, listing: Listing<Instance>) -> Listing<Instance> {
        let held = self.instances.all.try_read_untracked();
        let sources = self.instances.sources.try_read_untracked();
        match (held, sources) {
            (Some(held), Some(sources)) => listing.but_newer_of(&held, &sources, |it| Place {
                account: it.account.clone(),
                region: it.region.clone(),
            }),
            // The page is gone.
            _ => listing,
        }
    }

    /// Takes the tags that some have after a change.
    fn retag(self, changed: Vec<(ResourceId, Vec<Tag>)>) {
        let changed: HashMap<String, Vec<Tag>> =
            changed.into_iter().map(|(id, tags)| (id.to_string(), tags)).collect();
        self.instances.all.update(|all| {
            for instance in all {
                if let Some(tags) = changed.get(instance.id.as_str()) {
                    instance.set_tags(tags.clone());
                }
            }
        });
    }

    /// Takes live news: only what is really different is shown as changed.
    fn apply(self, changed: Vec<Instance>, gone: &[InstanceId]) {
        let different: Vec<Instance> = self.instances.all.with_untracked(|items| {
            changed.into_iter().filter(|instance| !items.contains(instance)).collect()
        });
        if different.is_empty() && gone.is_empty() {
            return;
        }
        let keys: HashSet<String> = different.iter().map(Row::key).collect();
        if let [only] = different.as_slice() {
            self.spoken.set(format!("{} is {}.", title_of(only), only.state.as_str()));
        } else if !different.is_empty() {
            self.spoken.set(format!("{} instances changed.", different.len()));
        }
        self.instances.all.update(|items| merge_instances(items, different, gone));
        self.changed.set(keys.clone());
        set_timeout(
            move || {
                let _ = self.changed.try_update(|changed| changed.retain(|key| !keys.contains(key)));
            },
            Duration::from_millis(1_800),
        );
    }
}

#[component]
fn Instances(loaded: Loaded, query: Memo<ListQuery>) -> impl IntoView {
    let checks = ListChecks::new(loaded.checks.clone(), loaded.list.first().is_none());
    let prices = ListPrices::new(loaded.prices.clone());
    let scope = use_scope();
    let terminations = Terminations::new(loaded.terminations.clone(), scope.into());
    provide_context(terminations);
    let list = List::new(loaded.list);
    let instances = list.instances;
    let accounts = use_accounts();
    let beside = Memo::new(move |_| Beside {
        accounts: accounts.get(),
        checks: checks.known.get(),
        prices: prices.known.get(),
        now: None,
    });
    let address = use_address(Memo::new(move |_| query.with(|query| query.list.clone())), move |list| {
        query.with(|query| query.with(list).href(&scope.get()))
    });
    let selection = address.selection;
    let present = Signal::derive(move || query.with(|query| query.with(address.present.get())));
    let sifted = Memo::new(move |_| query.with(|query| query.with(address.sieve.get())));
    let order = use_order(instances.all, address, move |all, sort, before| {
        beside.with(|beside| order(all, sort, beside, before))
    });
    let shown = Memo::new(move |_| match instances.first.get() {
        Some(first) => first,
        None => instances.all.with(|all| {
            let sorted = order.with(|order| arranged(all, order));
            beside.with(|beside| show(&sorted, &sifted.get(), beside))
        }),
    });
    let toasts = use_toasts();
    let read = move |fresh| {
        let ask = move || async move {
            let listing = list_instances(scope.get_untracked(), fresh).await?;
            Ok(list.but_newer(listing))
        };
        instances.read(ask, move |error| toasts.error(error));
    };
    let refresh = Callback::new(move |()| {
        read(true);
        checks.read(scope.get_untracked(), present.with_untracked(ListQuery::needs_checks));
    });
    checks.follow(scope, Memo::new(move |_| present.with(ListQuery::needs_checks)));
    prices.follow(scope, instances.all);
    Effect::new(move |_| {
        if instances.first.with_untracked(Option::is_some) {
            read(false);
        }
    });
    let trouble = RwSignal::new(None::<Trouble>);
    follow(list, trouble);
    let live = use_live();
    let refreshed = Callback::new(move |instance: Instance| list.apply(vec![instance], &[]));
    let actions = Actions::new(refreshed, terminations);
    let on_tags = Callback::new(move |changed| list.retag(changed));
    selection.follow(instances);
    let bulk = InstancesBulk::new(selection, instances.all, terminations, on_tags);
    let visible = Signal::derive(move || shown.with(|shown| selection.count_in(&shown.list.keys)));
    let menu = RowMenuState::new();
    let find = Callback::new(move |id: InstanceId| {
        shown.with_untracked(|shown| shown.list.rows.iter().find(|row| row.id == id).cloned())
    });
    let count = Signal::derive(move || Some(shown.with(|shown| shown.list.count())));
    let bill = Memo::new(move |_| {
        let bill = shown.with(|shown| shown.bill);
        Some(beside.with(|beside| bill.words(&beside.prices, &beside.accounts)))
            .filter(|words| !words.is_empty())
    });
    let unpriced = Signal::derive(move || {
        if present.with(ListQuery::shows_prices) { prices.failures(instances.sources) } else { Vec::new() }
    });
    view! {
        <PageHeader
            title="EC2 instances"
            count=MaybeProp::from(count)
            text=Signal::derive(move || bill.get())
        >
            {launch_link()}
            <LiveDot status=live.status_of(trouble) notice=live.notice_of(trouble)/>
            <Freshness
                oldest=Signal::derive(move || instances.oldest())
                on_refresh=refresh
                busy=instances.busy
            />
        </PageHeader>
        {ec2_tabs(None)}
        <SourceFailures sources=instances.sources/>
        <SourceFailures sources=checks.failures(instances.sources) what="The status checks"/>
        <SourceFailures sources=unpriced what="The prices"/>
        {bulk_report(bulk.bulk)}
        {bulk_report(bulk.tags.bulk)}
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                {filter_form(address, FILTER)}
                <StateChips query=present shown=shown/>
                {chooser(address)} {export(instances, present, shown, beside)}
            </div>
            {selection_bar(selection, (bulk.chosen.count(), visible), bulk.busy(), bulk.buttons())}
            {table_or(
                move || shown.with(|shown| shown.list.rows.clone()),
                Signal::derive(move || shown.with(|shown| shown.list.keys.clone())),
                instances_table(address, beside, list.changed, menu),
                move || {
                    let clear = move || present.get().widened().href(&scope.get());
                    shown.with(|shown| {
                        emptiness(&shown.list, instances.all_failed(), "instances", Glyph::Server, clear)
                    })
                },
            )}
            {dynamic(move || shown.with(|shown| pages(&shown.list, address)))}
        </div>
        <RowMenu state=menu actions=actions find=find/>
        <ActionDialog actions=actions/>
        {bulk_dialog(bulk.bulk, nothing(), Callback::new(move |typed| bulk.perform(typed)))}
        {bulk_tags_dialog(bulk.tags)}
        <p class="sr-only" role="status">{list.spoken}</p>
    }
}

/// Saves what the filter lets pass, on all pages, with the columns that are shown.
fn export(
    instances: Items<Instance, Shown>,
    query: Signal<ListQuery>,
    shown: Memo<Shown>,
    beside: Memo<Beside>,
) -> AnyView {
    let reason = Signal::derive(move || {
        let nothing = shown.with(|shown| shown.list.keys.is_empty());
        nothing.then(|| "There is nothing to export yet.".to_owned())
    });
    export_button("ec2-instances.csv".to_owned(), reason, move || {
        let columns = query.with_untracked(|query| query.list.shown_columns());
        let now = Some(Timestamp::from_millis(browser::now_millis()));
        let beside = Beside { now, ..beside.get_untracked() };
        instances.all.with_untracked(|all| {
            shown.with_untracked(|shown| to_csv(all, &shown.list.keys, &columns, &beside))
        })
    })
}

/// Follows the instances, once the whole list is there.
fn follow(list: List, trouble: RwSignal<Option<Trouble>>) {
    let live = use_live();
    let scope = use_scope();
    let complete = Memo::new(move |_| list.instances.first.with(Option::is_none));
    Effect::new(move |_| {
        if !complete.get() {
            return;
        }
        let topic = Topic::Instances { scope: scope.get(), since: list.known_at() };
        live.subscribe(topic, move |update| match update {
            // It says nothing of a trouble, which may be another place's.
            LiveUpdate::Instances(change) => {
                list.instances.sources.update(|sources| {
                    if let Some(source) = sources.iter_mut().find(|source| source.place == change.place) {
                        source.fetched_at = Some(change.at);
                        source.error = None;
                    }
                });
                let gone = list.instances.all.with_untracked(|items| change.lost_of(items));
                list.apply(change.changed, &gone);
            }
            LiveUpdate::Trouble(what) => trouble.set(Some(what)),
            LiveUpdate::Recovered => trouble.set(None),
            LiveUpdate::Logs { .. } | LiveUpdate::Metric(_) | LiveUpdate::Resumed => {}
        });
    });
}
