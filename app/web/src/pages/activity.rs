//! The audit: what was done, by whom, on what, when, with what result.

mod filter;
mod table;

use leptos::prelude::*;
use leptos_router::hooks::{use_query_map, use_url};
use nephoscope_model::{
    Operation, Result,
    audit::{AuditPage, AuditQuery, AuditRecord, Outcome},
    identity::Permission,
};

pub(super) use self::table::RecordTable;
use self::{
    filter::{FIELDS, text_of},
    table::operation_label,
};
use crate::{
    api::{ApiError, ApiResult, audit::query_audit},
    components::{
        CopyButton, EmptyState, ErrorNotice, Glyph, Icon, PageHeader, QueryForm, dynamic, nothing, text,
        wait_for,
    },
    paths::{self, Link, param},
    scope::use_scope,
    session::{may, use_accounts},
};

/// The activity page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| filter::query_of(&params.get()));
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
    view! {
        <PageHeader title="Activity" text=MaybeProp::from(text)/>
        <section class="panel">
            <Filters everybody=everybody/>
            {wait_for(
                "Reading the activity",
                move || {
                    Box::pin(async move {
                        let page = page.await;
                        let filtered = query.get_untracked().is_ok_and(|query| is_filtered(&query));
                        page_view(page, filtered)
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

fn page_view(page: ApiResult<AuditPage>, filtered: bool) -> AnyView {
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            return view! {
                <div class="panel-body">
                    <ErrorNotice error=error.0>
                        <ClearFilters/>
                    </ErrorNotice>
                </div>
            }
            .into_any();
        }
    };
    let next = page.next;
    let records = without_finished_starts(page.records);
    let body = if records.is_empty() {
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
    } else {
        view! { <RecordTable records=records/> }.into_any()
    };
    view! {
        {body}
        <Pager next=next/>
    }
    .into_any()
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
    let is_first = url.with_untracked(|url| url.search_params().get(param::BEFORE).is_none());
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

#[component]
fn Filters(everybody: Signal<bool>) -> impl IntoView {
    let params = use_query_map();
    let value = move |name: &'static str| text(move || text_of(&params.get(), name));
    let accounts = use_accounts();
    let scope = use_scope();
    let link_text = RwSignal::new(String::new());
    Effect::new(move |_| {
        params.track();
        link_text.set(window().location().href().unwrap_or_default());
    });
    let operation = value("operation");
    let outcome = value("outcome");
    let account = value("in");
    let changes = value("changes");
    view! {
        <QueryForm own=FIELDS class="toolbar" label="Filter the activity">
            {dynamic(move || if everybody.get() { person_field(value("user")) } else { nothing() })}
            <label class="field">
                <span>"Operation"</span>
                <select class="select select-sm" name="operation">
                    <option value="">"Any"</option>
                    {Operation::ALL
                        .iter()
                        .map(|known| {
                            let known = *known;
                            let chosen = Signal::derive(move || operation.get() == known.as_str());
                            view! {
                                <option value=known.as_str() selected=chosen prop:selected=chosen>
                                    {operation_label(known)}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="field">
                <span>"Resource"</span>
                <input
                    class="input input-sm"
                    name="resource"
                    maxlength="256"
                    placeholder="i-0123…"
                    value=value("resource").get_untracked()
                    prop:value=value("resource")
                />
            </label>
            <label class="field">
                <span>"Outcome"</span>
                <select class="select select-sm" name="outcome">
                    <option value="">"Any"</option>
                    {[Outcome::Succeeded, Outcome::Failed, Outcome::Refused, Outcome::Started]
                        .into_iter()
                        .map(|known| {
                            let chosen = Signal::derive(move || outcome.get() == known.as_str());
                            view! {
                                <option value=known.as_str() selected=chosen prop:selected=chosen>
                                    {known.as_str()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="field">
                <span>"Account"</span>
                <select class="select select-sm" name="in">
                    <option value="">"Any"</option>
                    {dynamic(move || {
                        accounts
                            .get()
                            .into_iter()
                            .map(|known| {
                                let id = known.id.to_string();
                                let chosen = account.get() == id;
                                view! {
                                    <option value=id selected=chosen prop:selected=chosen>
                                        {known.name}
                                    </option>
                                }
                            })
                            .collect_view()
                            .into_any()
                    })}
                </select>
            </label>
            <label class="field">
                <span>"From (UTC)"</span>
                <input
                    class="input input-sm"
                    type="datetime-local"
                    name="from"
                    value=value("from").get_untracked()
                    prop:value=value("from")
                />
            </label>
            <label class="field">
                <span>"To (UTC)"</span>
                <input
                    class="input input-sm"
                    type="datetime-local"
                    name="to"
                    value=value("to").get_untracked()
                    prop:value=value("to")
                />
            </label>
            <label class="check">
                <input
                    type="checkbox"
                    class="checkbox checkbox-sm"
                    name="changes"
                    value="1"
                    checked=!changes.get_untracked().is_empty()
                    prop:checked=Signal::derive(move || !changes.get().is_empty())
                />
                <span>"Changes only"</span>
            </label>
            <div class="toolbar-end">
                <button type="submit" class="btn btn-sm btn-primary">
                    "Apply"
                </button>
                <a class="btn btn-sm btn-ghost" href=text(move || paths::activity(&scope.get()))>
                    "Clear"
                </a>
                <CopyButton text=link_text label="Copy link to this view"/>
            </div>
        </QueryForm>
    }
}

fn person_field(value: Signal<String>) -> AnyView {
    view! {
        <label class="field">
            <span>"Person"</span>
            <input
                class="input input-sm"
                name="user"
                maxlength="64"
                autocapitalize="none"
                value=value.get_untracked()
                prop:value=value
            />
        </label>
    }
    .into_any()
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
