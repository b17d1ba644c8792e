//! The first page: how many instances there are in which state, where, and what was changed last.

mod count;

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Scope,
    audit::{AuditPage, AuditQuery},
    ec2::{Instance, InstanceState},
    identity::Permission,
};

use self::count::{Counts, PlaceCounts, counts_by_place};
use super::activity::RecordTable;
use crate::{
    api::{ApiResult, audit::query_audit, ec2::list_instances},
    components::{
        AccountTag, EmptyState, ErrorNotice, Freshness, Glyph, LiveDot, PageHeader, Panel, SourceFailures,
        StatTile, Tone, dynamic, text, wait_for,
    },
    hydration::use_hydrated,
    live::{LiveUpdate, Topic, merge_instances, use_live},
    paths,
    scope::use_scope,
    session::may,
};

/// The dashboard.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let scope = use_scope();
    let fresh = RwSignal::new(0_u32);
    let instances = Resource::new(
        move || (scope.get(), fresh.get()),
        |(scope, fresh)| async move { list_instances(scope, fresh > 0).await },
    );
    let audit = Resource::new(
        move || fresh.get(),
        |_| query_audit(AuditQuery { changes_only: true, limit: Some(30), ..AuditQuery::default() }),
    );
    // What the page shows: what was fetched, and then what is told live.
    let listing: RwSignal<Option<Listing<Instance>>> = RwSignal::new(None);
    follow(scope, instances, listing);

    let oldest = Signal::derive(move || listing.get().and_then(|listing| listing.oldest()));
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        if instances.get().is_some() {
            busy.set(false);
        }
    });
    let refresh = Callback::new(move |()| {
        busy.set(true);
        fresh.update(|times| *times += 1);
    });
    let live = use_live();
    view! {
        <PageHeader title="Dashboard">
            <LiveDot status=live.status()/>
            <Freshness oldest=oldest on_refresh=refresh busy=busy/>
        </PageHeader>
        {wait_for(
            "Counting instances",
            move || Box::pin(async move { instances_view(instances.await, listing, scope) }),
        )}
        {wait_for("Reading the activity", move || Box::pin(async move { audit_view(audit.await, scope) }))}
    }
}

/// Takes over each fetched listing, and follows the changes after it.
fn follow(
    scope: Memo<Scope>,
    instances: Resource<ApiResult<Listing<Instance>>>,
    listing: RwSignal<Option<Listing<Instance>>>,
) {
    let live = use_live();
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        if !hydrated.get() {
            return;
        }
        let Some(Ok(fetched)) = instances.get() else { return };
        let since = fetched.known_at();
        listing.set(Some(fetched));
        live.subscribe(Topic::Instances { scope: scope.get_untracked(), since }, move |update| {
            if let LiveUpdate::Instances(change) = update {
                listing.update(|listing| {
                    if let Some(listing) = listing {
                        let gone = change.lost_of(&listing.items);
                        merge_instances(&mut listing.items, change.changed, &gone);
                    }
                });
            }
        });
    });
}

fn instances_view(
    fetched: ApiResult<Listing<Instance>>,
    listing: RwSignal<Option<Listing<Instance>>>,
    scope: Memo<Scope>,
) -> AnyView {
    let first = match fetched {
        Ok(first) => first,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let sources = first.sources.clone();
    // The same on both sides until the first live change comes.
    let shown = Memo::new(move |_| {
        listing.with(|listing| {
            let listing = listing.as_ref().unwrap_or(&first);
            counts_by_place(&listing.items, &listing.sources)
        })
    });
    let total = Signal::derive(move || Counts::total(&shown.get()));
    let tile = move |label: &'static str, state: InstanceState, tone: Tone| {
        let value = Signal::derive(move || total.get().of(state).to_string());
        let href = Signal::derive(move || Some(paths::ec2_in_state(state, &scope.get())));
        view! { <StatTile label=label value=value tone=tone href=MaybeProp::from(href)/> }
    };
    let all_href = Signal::derive(move || Some(paths::ec2(&scope.get())));
    view! {
        <SourceFailures sources=Signal::stored(sources)/>
        <section class="stat-row" aria-label="Instances by state">
            <StatTile
                label="All instances"
                value=Signal::derive(move || total.get().sum().to_string())
                href=MaybeProp::from(all_href)
            />
            {tile("Running", InstanceState::Running, Tone::Good)}
            {tile("Stopped", InstanceState::Stopped, Tone::Neutral)}
            {tile("Pending", InstanceState::Pending, Tone::Busy)}
            {tile("Stopping", InstanceState::Stopping, Tone::Busy)}
            {tile("Terminated", InstanceState::Terminated, Tone::Neutral)}
        </section>
        <Panel title="By account and region" count=Signal::derive(move || Some(shown.get().len().to_string()))>
            {dynamic(move || places_view(shown.get(), &scope.get()))}
        </Panel>
    }
    .into_any()
}

fn places_view(places: Vec<PlaceCounts>, scope: &Scope) -> AnyView {
    if places.is_empty() {
        return view! {
            <EmptyState
                title="No accounts yet"
                text="Add an account to the configuration of the server, and its instances appear here."
                glyph=Glyph::Cloud
            />
        }
        .into_any();
    }
    let largest = places.iter().map(|place| place.counts.sum()).max().unwrap_or(0).max(1);
    let rows = places.into_iter().map(|row| place_row(row, largest, scope)).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Instances by account and region">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Account"</th>
                        <th scope="col">"Region"</th>
                        <th scope="col" class="bar-column">
                            <span class="sr-only">"Share"</span>
                        </th>
                        <th scope="col" class="num">"Running"</th>
                        <th scope="col" class="num">"Stopped"</th>
                        <th scope="col" class="num">"Changing"</th>
                        <th scope="col" class="num">"Terminated"</th>
                        <th scope="col" class="num">"All"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn place_row(row: PlaceCounts, largest: u32, scope: &Scope) -> AnyView {
    let narrowed =
        Scope { accounts: vec![row.place.account.clone()], regions: vec![row.place.region.clone()] };
    let account = Scope { accounts: narrowed.accounts.clone(), regions: scope.regions.clone() };
    let head = view! {
        <td class="nowrap">
            <a href=paths::dashboard(&account)>
                <AccountTag account=row.place.account/>
            </a>
        </td>
        <td class="nowrap">
            <a href=paths::ec2(&narrowed)>{row.place.region.to_string()}</a>
        </td>
    };
    if row.failed {
        return view! {
            <tr>
                {head}
                <td class="quiet" colspan="6">"Could not be asked"</td>
            </tr>
        }
        .into_any();
    }
    let counts = row.counts;
    let part = |class: &'static str, count: u32| {
        // Whole tenths of a percent: formatting floating-point numbers would cost kilobytes of WASM.
        let share = count * 1000 / largest;
        view! { <span class=class style=format!("width:{}.{}%", share / 10, share % 10)></span> }
    };
    let number = |count: u32| {
        let class = if count == 0 { "num quiet" } else { "num" };
        view! { <td class=class>{count.to_string()}</td> }
    };
    view! {
        <tr>
            {head}
            <td class="bar-column" aria-hidden="true">
                <span class="share-bar">
                    {part("bar-good", counts.of(InstanceState::Running))} {part("bar-busy", counts.changing())}
                    {part("bar-rest", counts.of(InstanceState::Stopped))}
                    {part("bar-gone", counts.of(InstanceState::Terminated))}
                </span>
            </td>
            {number(counts.of(InstanceState::Running))}
            {number(counts.of(InstanceState::Stopped))}
            {number(counts.changing())}
            {number(counts.of(InstanceState::Terminated))}
            {number(counts.sum())}
        </tr>
    }
    .into_any()
}

fn audit_view(page: ApiResult<AuditPage>, scope: Memo<Scope>) -> AnyView {
    let everybody = may(Permission::Administer);
    let title = Signal::derive(move || {
        if everybody.get() { "Changed last" } else { "Changed last by you" }.to_owned()
    });
    let more = move || view! { <a class="panel-link" href=text(move || paths::activity(&scope.get()))>"All activity"</a> };
    let content = match page {
        Err(error) => view! {
            <div class="panel-body">
                <ErrorNotice error=error.0/>
            </div>
        }
        .into_any(),
        Ok(page) => {
            let mut records = super::activity::without_finished_starts(page.records);
            records.truncate(8);
            if records.is_empty() {
                view! {
                    <EmptyState
                        title="Nothing was changed yet"
                        text="Starting, stopping, rebooting and terminating instances is recorded here."
                        glyph=Glyph::Activity
                    />
                }
                .into_any()
            } else {
                view! { <RecordTable records=records brief=true/> }.into_any()
            }
        }
    };
    view! { <Panel title=title actions=more>{content}</Panel> }.into_any()
}
