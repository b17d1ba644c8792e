//! The log groups of the scope.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{Listing, Scope, logs::LogGroup};
use serde::{Deserialize, Serialize};

use super::query::{groups_href, param};
use crate::{
    api::{ApiResult, fails_page, logs::list_log_groups},
    charts::unit::bytes,
    components::{
        AccountTag, EmptyState, Glyph, PageHeader, QueryForm, SearchBox, SourceFailures, dynamic, failure,
        nothing, text, use_toasts, wait_for,
    },
    hydration::use_hydrated,
    params::use_params,
    paths,
    scope::use_scope,
    url_text::use_url_text,
};

/// More rows than this are not shown at once, nor sent along with the first HTML; the search finds the others.
const MOST: usize = 200;

/// What a search finds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    /// The first of the groups, by name.
    rows: Vec<LogGroup>,
    /// All that match.
    matching: usize,
    /// All that there are.
    total: usize,
}

/// The groups that contain all words of a search.
#[must_use]
pub(super) fn find_groups(groups: &[LogGroup], find: &str) -> Found {
    let words: Vec<String> = find.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<&LogGroup> = groups
        .iter()
        .filter(|group| {
            let name = group.name.to_lowercase();
            words.iter().all(|word| {
                name.contains(word)
                    || group.region.as_str().contains(word)
                    || group.account.as_str().contains(word)
            })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.place().cmp(&b.place())));
    Found {
        rows: found.iter().take(MOST).map(|group| (*group).clone()).collect(),
        matching: found.len(),
        total: groups.len(),
    }
}

/// The groups as they are first known.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Loaded {
    listing: Listing<LogGroup>,
    /// What the search of the address finds, when there are so many groups that the listing was left out of the first HTML: the
    /// browser then reads it behind the first rows.
    first: Option<Found>,
}

async fn load(scope: Scope, find: String) -> ApiResult<Loaded> {
    let listing = list_log_groups(scope).await?;
    #[cfg(feature = "ssr")]
    return Ok(cut(listing, &find));
    #[cfg(not(feature = "ssr"))]
    {
        let _ = find;
        Ok(Loaded { listing, first: None })
    }
}

/// What of a listing goes into the first HTML.
#[cfg(feature = "ssr")]
fn cut(listing: Listing<LogGroup>, find: &str) -> Loaded {
    if listing.items.len() <= MOST {
        return Loaded { listing, first: None };
    }
    let first = Some(find_groups(&listing.items, find));
    Loaded { listing: Listing { items: Vec::new(), ..listing }, first }
}

/// How long a group keeps its lines.
#[must_use]
pub(super) fn retention_text(days: Option<i32>) -> String {
    match days {
        None => "Never expires".to_owned(),
        Some(1) => "1 day".to_owned(),
        Some(days) => format!("{days} days"),
    }
}

/// The log groups of the scope.
#[component]
pub(super) fn GroupsPage() -> impl IntoView {
    let scope = use_scope();
    let params = use_params();
    let in_url = Memo::new(move |_| params.with(|params| params.get(param::FIND)));
    let groups = Resource::new(move || scope.get(), move |scope| load(scope, in_url.get_untracked()));
    let retry = Callback::new(move |()| groups.refetch());
    wait_for("Loading log groups", move || {
        Box::pin(async move {
            match groups.await {
                Ok(loaded) => view! { <Groups loaded=loaded in_url=in_url/> }.into_any(),
                Err(error) => {
                    let notice = failure(fails_page(error).0, retry);
                    view! {
                        <PageHeader title="Logs"/>
                        {notice}
                    }
                    .into_any()
                }
            }
        })
    })
}

#[component]
fn Groups(loaded: Loaded, in_url: Memo<String>) -> impl IntoView {
    let scope = use_scope();
    let find = use_url_text(in_url, move |text| groups_href(text, &scope.get_untracked()));
    let sources = RwSignal::new(loaded.listing.sources);
    let groups = RwSignal::new(loaded.listing.items);
    let first = RwSignal::new(loaded.first);
    let found = Memo::new(move |_| match first.get() {
        Some(first) => first,
        None => groups.with(|groups| find_groups(groups, &find.text.get())),
    });
    let toasts = use_toasts();
    let hydrated = use_hydrated();
    let busy = StoredValue::new(false);
    Effect::new(move |_| {
        // A search tries again when the rest could not be read.
        find.text.track();
        if !hydrated.get() || busy.get_value() || first.with_untracked(Option::is_none) {
            return;
        }
        busy.set_value(true);
        let scope = scope.get_untracked();
        spawn_local(async move {
            let outcome = list_log_groups(scope).await;
            if busy.try_set_value(false).is_some() {
                return;
            }
            match outcome {
                Ok(listing) => {
                    sources.set(listing.sources);
                    groups.set(listing.items);
                    first.set(None);
                }
                Err(error) => toasts.error(&error.0),
            }
        });
    });
    let count = Signal::derive(move || {
        found.with(|Found { matching, total, .. }| {
            Some(if matching == total { total.to_string() } else { format!("{matching} of {total}") })
        })
    });
    let body = dynamic(move || {
        let Found { rows, matching, total } = found.get();
        if total == 0 {
            let text = "There are no log groups in these accounts and regions.";
            return view! { <EmptyState title="No log groups" text=text glyph=Glyph::Logs/> }.into_any();
        }
        if matching == 0 {
            return view! {
                <EmptyState title="No log groups match" glyph=Glyph::Filter>
                    <a class="btn btn-sm" href=text(move || groups_href("", &scope.get()))>
                        "Clear search"
                    </a>
                </EmptyState>
            }
            .into_any();
        }
        let more = more_text(matching - rows.len())
            .map_or_else(nothing, |text| view! { <p class="quiet px-4 py-2">{text}</p> }.into_any());
        view! {
            <GroupTable groups=rows/>
            {more}
        }
        .into_any()
    });
    view! {
        <PageHeader title="Logs" count=MaybeProp::from(count) text="Choose a log group to follow its lines."/>
        <SourceFailures sources=sources/>
        <div class="panel">
            <div class="toolbar">
                <QueryForm own=&[param::FIND] class="min-w-0 flex-1" label="Search log groups">
                    <SearchBox
                        label="Search log groups"
                        placeholder="Search by name, region or account"
                        name=param::FIND
                        class="w-full max-w-xl"
                        text=find.text
                        on_text=Callback::new(move |text| find.typed(text))
                    />
                </QueryForm>
            </div>
            {body}
        </div>
    }
}

/// How many groups are not shown, and the way to them; `None` when all are.
fn more_text(more: usize) -> Option<String> {
    let groups = if more == 1 { "log group is" } else { "log groups are" };
    (more > 0).then(|| {
        format!("{more} more {groups} not shown. Search for a part of the name, the region or the account to find them.")
    })
}

#[component]
fn GroupTable(groups: Vec<LogGroup>) -> impl IntoView {
    let scope = use_scope();
    let rows = groups
        .into_iter()
        .map(|group| {
            let (place, name) = (group.place(), group.name.clone());
            let href = text(move || paths::log_group(&place, &name, &scope.get()));
            view! {
                <tr>
                    <td class="wrap">
                        <a class="break-all font-medium" href=href>
                            {group.name}
                        </a>
                    </td>
                    <td><AccountTag account=group.account/></td>
                    <td class="nowrap">{group.region.to_string()}</td>
                    <td class="num">{bytes(group.stored_bytes)}</td>
                    <td class="nowrap">{retention_text(group.retention_days)}</td>
                </tr>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Log groups">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Log group"</th>
                        <th scope="col">"Account"</th>
                        <th scope="col">"Region"</th>
                        <th scope="col" class="num">
                            "Stored"
                        </th>
                        <th scope="col">"Retention"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, region: &str) -> LogGroup {
        LogGroup {
            name: name.to_owned(),
            account: "111111111111".parse().expect("an id"),
            region: region.parse().expect("a region"),
            stored_bytes: 0,
            retention_days: None,
        }
    }

    #[test]
    fn all_words_must_be_found_in_the_name_or_the_place() {
        let groups = [
            group("/aws/lambda/Orders", "us-east-1"),
            group("/app/web", "eu-west-1"),
            group("/app/db", "us-east-1"),
        ];
        let names = |find| -> Vec<String> {
            find_groups(&groups, find).rows.into_iter().map(|group| group.name).collect()
        };
        assert_eq!(names(""), ["/app/db", "/app/web", "/aws/lambda/Orders"]);
        assert_eq!(names("lambda orders"), ["/aws/lambda/Orders"]);
        assert_eq!(names("app us-east"), ["/app/db"]);
        assert!(names("nothing").is_empty());
    }

    #[test]
    fn thousands_of_groups_leave_a_small_page_from_which_all_can_be_found() {
        let items: Vec<LogGroup> =
            (0..5_000).map(|n| group(&format!("/aws/lambda/function-{n:04}"), "us-east-1")).collect();
        let listing = Listing { items, sources: Vec::new() };
        let all = cut(listing.clone(), "");
        let size = serde_json::to_string(&all).map(|text| text.len()).expect("JSON");
        assert!(size < 50_000, "{size} bytes");
        let first = all.first.expect("only the first");
        assert_eq!((first.rows.len(), first.matching, first.total), (MOST, 5_000, 5_000));
        assert!(
            more_text(first.matching - first.rows.len()).is_some_and(|text| text.starts_with("4800 more"))
        );
        let last = cut(listing, "function-4999").first.expect("only what was found");
        assert_eq!((last.rows[0].name.as_str(), last.matching), ("/aws/lambda/function-4999", 1));
        assert_eq!(more_text(0), None);
    }

    #[test]
    fn few_groups_are_all_sent_along() {
        let listing = Listing { items: vec![group("/a", "us-east-1")], sources: Vec::new() };
        let loaded = cut(listing, "nothing");
        assert_eq!((loaded.listing.items.len(), loaded.first), (1, None));
    }

    #[test]
    fn retention_is_said_in_days() {
        assert_eq!(retention_text(None), "Never expires");
        assert_eq!(retention_text(Some(1)), "1 day");
        assert_eq!(retention_text(Some(90)), "90 days");
    }
}
