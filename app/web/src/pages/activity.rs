//! The audit: what was done, by whom, on what, when, with what result.

mod filter;
mod form;
mod live;
mod table;
mod usage;

use leptos::prelude::*;
use leptos_router::hooks::use_url;
use nephoscope_model::{
    Result,
    audit::{AuditPage, AuditQuery, AuditRecord, Outcome},
    identity::Permission,
};

pub(super) use self::table::RecordTable;
pub use self::usage::UsagePage;
use self::{form::Filters, live::Following};
use crate::{
    api::{ApiError, ApiResult, audit::query_audit},
    components::{
        ActionButton, EmptyState, ErrorNotice, Glyph, Icon, LiveDot, PageHeader, TabLink, Tabs, dynamic,
        nothing, text, wait_for,
    },
    params::use_params,
    paths::{self, Link, param},
    scope::use_scope,
    session::may,
};

/// The activity page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let params = use_params();
    let query = Memo::new(move |_| params.with(filter::query_of));
    let page = Resource::new(move || query.get(), read_page);
    let everybody = may(Permission::Administer);
    let text = Signal::derive(move || {
        let whose = if everybody.get() {
            "What everybody did through nephoscope, newest first."
        } else {
            "What you did through nephoscope, newest first. Administrators see everybody's activity."
        };
        Some(whose.to_owned())
    });
    let following = Following::new();
    let newest =
        Memo::new(move |_| query.with(|query| query.as_ref().is_ok_and(|query| query.before.is_none())));
    let reload = Callback::new(move |()| page.refetch());
    view! {
        <PageHeader title="Activity" text=MaybeProp::from(text)>
            {dynamic(move || if newest.get() { following_view(following) } else { nothing() })}
            {dynamic(move || match query.get() {
                Ok(query) => export_links(&query),
                Err(_) => nothing(),
            })}
        </PageHeader>
        <AreaTabs/>
        <section class="panel">
            <Filters everybody=everybody/>
            {wait_for(
                "Reading the activity",
                move || {
                    Box::pin(async move {
                        let page = page.await;
                        match query.get_untracked() {
                            Ok(query) => page_view(page, query, following, reload),
                            Err(error) => error_view(error),
                        }
                    })
                },
            )}
        </section>
    }
}

async fn read_page(query: Result<AuditQuery>) -> ApiResult<AuditPage> {
    query_audit(query.map_err(ApiError)?).await
}

fn is_filtered(query: &AuditQuery) -> bool {
    let unfiltered =
        AuditQuery { limit: query.limit, changes_only: query.changes_only, ..AuditQuery::default() };
    *query != unfiltered
}

fn error_view(error: nephoscope_model::Error) -> AnyView {
    view! {
        <div class="panel-body">
            <ErrorNotice error=error>
                <ClearFilters/>
            </ErrorNotice>
        </div>
    }
    .into_any()
}

fn page_view(
    page: ApiResult<AuditPage>,
    query: AuditQuery,
    following: Following,
    reload: Callback<()>,
) -> AnyView {
    let page = match page {
        Ok(page) => page,
        Err(error) => return error_view(error.0),
    };
    let next = page.next.clone();
    let filtered = is_filtered(&query);
    let records = RwSignal::new(page.records);
    if query.before.is_none() {
        live::follow(query, records, page.newest, following, reload);
    }
    view! {
        {dynamic(move || table_view(records.get(), filtered))}
        <Pager next=next/>
    }
    .into_any()
}

fn table_view(records: Vec<AuditRecord>, filtered: bool) -> AnyView {
    let records = without_finished_starts(records);
    if !records.is_empty() {
        return view! { <RecordTable records=records/> }.into_any();
    }
    let (title, text) = if filtered {
        ("Nothing matches", "Remove a filter, or widen the time, to see more.")
    } else {
        ("Nothing was recorded yet", "Whatever is done through nephoscope is recorded here.")
    };
    view! {
        <EmptyState title=title text=text glyph=Glyph::Activity>
            {filtered.then(|| view! { <ClearFilters/> })}
        </EmptyState>
    }
    .into_any()
}

/// Whether new records come by themselves, and the button that stops and starts them.
fn following_view(following: Following) -> AnyView {
    let label = text(move || if following.is_paused() { "Resume" } else { "Pause" }.to_owned());
    let title = Signal::derive(move || {
        Some(
            if following.is_paused() { "Show new records as they come" } else { "Show no new records" }
                .to_owned(),
        )
    });
    view! {
        <LiveDot status=following.status() notice=following.notice()/>
        <ActionButton label=label title=title on_press=Callback::new(move |()| following.toggle()) class="btn-ghost"/>
    }
    .into_any()
}

/// What is shown, as files: all of it, not only this page.
fn export_links(query: &AuditQuery) -> AnyView {
    [("csv", "Export CSV"), ("jsonl", "Export JSON Lines")]
        .map(|(format, label)| {
            let href = filter::export_address(query, format);
            // `download` and `rel` keep the router from taking it for a page.
            view! {
                <a class="btn btn-sm" href=href download="" rel="external">
                    {label}
                </a>
            }
        })
        .collect_view()
        .into_any()
}

/// The parts of the area; administrators only have two.
#[component]
fn AreaTabs(
    /// Whether the counts of calls are shown.
    #[prop(optional)]
    usage: bool,
) -> impl IntoView {
    let scope = use_scope();
    let everything = may(Permission::Administer);
    let links = Signal::derive(move || {
        let scope = scope.get();
        vec![
            TabLink::new("Records", paths::activity(&scope), !usage),
            TabLink::new("AWS calls", paths::usage(&scope), usage),
        ]
    });
    dynamic(move || {
        if everything.get() { view! { <Tabs label="Activity" links=links/> }.into_any() } else { nothing() }
    })
}

#[component]
fn ClearFilters() -> impl IntoView {
    let scope = use_scope();
    view! {
        <a class="btn btn-sm" href=text(move || paths::activity(&scope.get()))>
            "Clear filters"
        </a>
    }
}

/// Older and newest, as links: the position is in the URL.
#[component]
fn Pager(next: Option<String>) -> impl IntoView {
    let url = use_url();
    let at = move |before: &str| {
        url.with_untracked(|url| Link::here(url, &[param::BEFORE]).query(param::BEFORE, before).build())
    };
    let is_first = use_params().with_untracked(|params| params.get(param::BEFORE).is_empty());
    let newest = (!is_first).then(|| at(""));
    let older = next.map(|next| at(&next));
    (newest.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {newest.map(|href| view! { <a class="btn btn-sm" href=href>"Newest"</a> })}
                {older
                    .map(|href| {
                        view! {
                            <a class="btn btn-sm" href=href rel="next">
                                "Older"
                                <Icon glyph=Glyph::ChevronRight/>
                            </a>
                        }
                    })}
            </nav>
        }
    })
}

/// A change is recorded before and after. Where the end is shown, the start says nothing more.
pub(super) fn without_finished_starts(records: Vec<AuditRecord>) -> Vec<AuditRecord> {
    let finished: Vec<String> = records
        .iter()
        .filter(|record| record.outcome != Outcome::Started)
        .map(|record| record.operation_id.clone())
        .collect();
    records
        .into_iter()
        .filter(|record| record.outcome != Outcome::Started || !finished.contains(&record.operation_id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(operation: &str, outcome: &str) -> AuditRecord {
        serde_json::from_value(serde_json::json!({
            "id": format!("{operation}-{outcome}"), "operationId": operation, "at": "2026-11-20T12:00:00Z",
            "actor": "ada", "operation": "ec2.stop", "outcome": outcome, "durationMs": 1,
        }))
        .expect("a record")
    }

    #[test]
    fn a_start_is_hidden_only_when_its_end_is_shown() {
        let shown = without_finished_starts(vec![
            record("a", "succeeded"),
            record("a", "started"),
            record("b", "started"),
        ]);
        let ids: Vec<&str> = shown.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, ["a-succeeded", "b-started"]);
    }

    #[test]
    fn a_position_or_a_person_is_a_filter_and_nothing_is_none() {
        let plain = AuditQuery { limit: Some(50), ..AuditQuery::default() };
        assert!(!is_filtered(&plain));
        assert!(is_filtered(&AuditQuery { actor: Some("ada".to_owned()), ..plain }));
    }
}
