//! `/ec2/{id}`: one instance.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_params_map;
use nephoscope_model::{
    Error, Scope, Timestamp,
    ec2::{Instance, InstanceAction, InstanceDetails, InstanceId, ListPrice, Termination},
    live::KnownAt,
};
use serde::{Deserialize, Serialize};

use super::{
    action_dialog::ActionDialog,
    actions::{Actions, glyph, title_of},
    console::ConsolePanel,
    facts::facts,
    interfaces::interfaces_panel,
    metrics::InstanceMetrics,
    prices::{first_price, use_price},
    status::StatusPanel,
    tags::TagPanel,
    terminations::{Terminations, termination_banner},
    type_change::{TypeButton, TypeChange, TypeDialog},
    volumes::{Volumes, volumes_panel},
};
use crate::{
    api::{
        ApiError, ApiResult,
        ec2::{get_instance, list_instances, list_terminations},
        fails_page,
    },
    components::{
        ActionButton, Glyph, Icon, LiveDot, Missing, PageHeader, Panel, dynamic, missing_or_failure, nothing,
        text, wait_for,
    },
    live::{LiveUpdate, Topic, Trouble, use_live},
    params::use_params,
    paths,
    scope::use_scope,
};

/// An instance and the moment it was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Loaded {
    instance: Instance,
    details: InstanceDetails,
    at: Timestamp,
    /// What its kind costs, where that was known in a moment.
    price: Option<ListPrice>,
    /// Whether it is about to be terminated, among those of its place.
    terminations: Vec<Termination>,
}

/// Reads an instance; where the address does not say where it is, looks over the scope.
async fn load(id: String, at: Option<String>, scope: Scope) -> ApiResult<Loaded> {
    let Ok(id) = id.parse::<InstanceId>() else {
        return Err(not_found(&id));
    };
    let read_at = now();
    let place = match at {
        Some(at) => paths::parse_place(&at).map_err(|error| fails_page(ApiError(error)))?,
        None => list_instances(scope, false)
            .await
            .map_err(fails_page)?
            .items
            .into_iter()
            .find(|instance| instance.id == id)
            .ok_or_else(|| not_found(id.as_str()))?
            .place(),
    };
    let (instance, details) = get_instance(place, id).await.map_err(fails_page)?;
    let price = Box::pin(first_price(&instance)).await;
    let terminations = Box::pin(list_terminations(scope_of(&instance))).await.unwrap_or_default();
    Ok(Loaded { instance, details, at: read_at, price, terminations })
}

/// Where an instance is, as a scope.
fn scope_of(instance: &Instance) -> Scope {
    Scope { accounts: vec![instance.account.clone()], regions: vec![instance.region.clone()] }
}

fn not_found(id: &str) -> ApiError {
    let id = nephoscope_model::error::shorten(id, 60);
    let error = Error::not_found(format!("There is no instance {id} in these accounts and regions."))
        .with_hint("AWS forgets a terminated instance after about an hour.");
    fails_page(ApiError(error))
}

fn now() -> Timestamp {
    #[cfg(feature = "ssr")]
    return Timestamp::now();
    #[cfg(not(feature = "ssr"))]
    Timestamp::from_millis(crate::browser::now_millis())
}

/// One instance: what it is, what it does, and what can be done to it.
#[component]
pub fn InstancePage() -> impl IntoView {
    let scope = use_scope();
    let params = use_params_map();
    let query = use_params();
    let which = Memo::new(move |_| {
        let id = params.with(|params| params.get("id")).unwrap_or_default();
        let at = Some(query.with(|query| query.get(paths::param::AT))).filter(|at| !at.is_empty());
        // The scope only matters where the address says no place.
        let scope = if at.is_some() { Scope::default() } else { scope.get() };
        (id, at, scope)
    });
    let loaded = Resource::new(move || which.get(), |(id, at, scope)| load(id, at, scope));
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading instance", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(loaded) => view! { <Details loaded=loaded/> }.into_any(),
                Err(error) => failed(&which.get_untracked().0, error.0, retry, scope),
            }
        })
    })
}

fn failed(id: &str, error: Error, retry: Callback<()>, scope: Memo<Scope>) -> AnyView {
    let all = text(move || paths::ec2(&scope.get()));
    let missing =
        Missing { title: "No such instance", glyph: Glyph::Server, all: "All instances", href: all };
    let notice = missing_or_failure(error, missing, retry);
    view! {
        <PageHeader
            title=nephoscope_model::error::shorten(id, 60)
            parent="EC2 instances"
            parent_href=parent_href(scope)
        />
        {notice}
    }
    .into_any()
}

fn parent_href(scope: Memo<Scope>) -> MaybeProp<String> {
    MaybeProp::from(Signal::derive(move || Some(paths::ec2(&scope.get()))))
}

#[component]
fn Details(loaded: Loaded) -> impl IntoView {
    let place = loaded.instance.place();
    let id = loaded.instance.id.clone();
    let instance = RwSignal::new(loaded.instance);
    let details = RwSignal::new(loaded.details);
    let gone = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    follow(instance, gone, loaded.at, trouble);
    follow_details(instance, details);
    let live = use_live();
    let scope = use_scope();
    let around = instance.with_untracked(scope_of);
    let terminations = Terminations::new(loaded.terminations, Signal::stored(around));
    let waits = termination_banner(terminations, id.clone());
    let actions = Actions::new(Callback::new(move |now| instance.set(now)), terminations);
    let type_change = TypeChange::new(instance);
    let price = use_price(instance, details, loaded.price);
    let volumes = Volumes::new(details);
    let about = Callback::new(move |action| volumes.about(action));
    let title = text(move || title_of(&instance.get()));
    let buttons = InstanceAction::ALL.map(|action| {
        let reason = Signal::derive(move || {
            if gone.get() {
                return Some("AWS no longer lists this instance.".to_owned());
            }
            let refusal = if action == InstanceAction::Stop {
                details.with(|details| details.stop_refusal().map(str::to_owned))
            } else {
                None
            };
            instance.with(|instance| actions.reason(action, &instance.account, instance.state)).or(refusal)
        });
        let press = Callback::new(move |()| actions.request(instance.get_untracked(), action));
        let class = if action.is_destructive() { "btn-outline btn-error" } else { "" };
        view! {
            <ActionButton
                label=action.label()
                glyph=glyph(action)
                reason=reason
                busy=actions.busy()
                class=class
                on_press=press
            />
        }
        .into_any()
    });
    let history = {
        let id = id.clone();
        text(move || paths::activity_of(id.as_str(), &scope.get()))
    };
    let console = paths::aws_console(&place, "ec2/home", &format!("InstanceDetails:instanceId={id}"));
    let tagged = (place.clone(), id.clone().into());
    let tags = Signal::derive(move || instance.with(|instance| instance.tags.clone()));
    let on_saved = Callback::new(move |tags| instance.update(|instance| instance.set_tags(tags)));
    view! {
        <PageHeader
            title=title
            parent="EC2 instances"
            parent_href=parent_href(scope)
        >
            <LiveDot status=live.status_of(trouble) notice=live.notice_of(trouble)/>
            {Vec::from(buttons)}
        </PageHeader>
        {waits}
        {dynamic(move || {
            if !gone.get() {
                return nothing();
            }
            view! {
                <p class="notice notice-warn" role="status">
                    "AWS no longer lists this instance. What is shown is what was known last."
                </p>
            }
                .into_any()
        })}
        <Panel
            title="Details"
            actions=move || {
                view! {
                    <TypeButton change=type_change/>
                    <a class="btn btn-ghost btn-xs" href=history>
                        <Icon glyph=Glyph::Activity/>
                        "History"
                    </a>
                    <a class="btn btn-ghost btn-xs" href=console.clone() target="_blank" rel="noreferrer noopener">
                        <Icon glyph=Glyph::External/>
                        "Open in AWS Console"
                    </a>
                }
            }
        >
            {facts(instance, details, price)}
        </Panel>
        <StatusPanel instance=instance/>
        {volumes_panel(volumes, instance)}
        {interfaces_panel(details, place.clone())}
        <InstanceMetrics place=place id=id/>
        <ConsolePanel instance=instance/>
        <TagPanel place=tagged.0 id=tagged.1 tags=tags on_saved=on_saved/>
        <ActionDialog actions=actions about=about/>
        <TypeDialog change=type_change/>
    }
}

/// Follows this instance among those of its place.
fn follow(
    instance: RwSignal<Instance>,
    gone: RwSignal<bool>,
    read_at: Timestamp,
    trouble: RwSignal<Option<Trouble>>,
) {
    /// What was read may have been known to the server for a while, and clocks disagree a little.
    const MARGIN_MILLIS: i64 = 120_000;

    let live = use_live();
    Effect::new(move |_| {
        let (id, place) = instance.with_untracked(|instance| (instance.id.clone(), instance.place()));
        let scope = Scope { accounts: vec![place.account.clone()], regions: vec![place.region.clone()] };
        let since = vec![KnownAt { place, at: read_at.plus_millis(-MARGIN_MILLIS) }];
        let topic = Topic::Instances { scope, since };
        live.subscribe(topic, move |update| match update {
            LiveUpdate::Instances(change) => {
                trouble.set(None);
                // A whole list from before this instance was read says nothing about it.
                let missing = change.complete && change.at >= read_at;
                if let Some(now) = change.changed.into_iter().find(|changed| changed.id == id) {
                    gone.set(false);
                    if instance.with_untracked(|known| *known != now) {
                        instance.set(now);
                    }
                } else if missing || change.gone.contains(&id) {
                    gone.set(true);
                }
            }
            LiveUpdate::Trouble(what) => trouble.set(Some(what)),
            LiveUpdate::Recovered => trouble.set(None),
            LiveUpdate::Logs { .. } | LiveUpdate::Metric(_) | LiveUpdate::Resumed => {}
        });
    });
}

/// Reads again what no list tells of an instance, whenever something else of it has changed.
fn follow_details(instance: RwSignal<Instance>, details: RwSignal<InstanceDetails>) {
    let which = Memo::new(move |_| instance.get());
    Effect::new(move |before: Option<()>| {
        let (place, id) = which.with(|instance| (instance.place(), instance.id.clone()));
        if before.is_none() {
            return;
        }
        spawn_local(async move {
            // What cannot be read stays as it was known; the page tells of a connection that is lost.
            if let Ok((_, now)) = get_instance(place, id).await {
                let _ = details.try_set(now);
            }
        });
    });
}
