//! The log groups of the scope.

use leptos::prelude::*;
use nephoscope_model::{Listing, logs::LogGroup};

use super::query::{groups_href, param};
use crate::{
    charts::unit::bytes,
    components::{
        AccountTag, EmptyState, Glyph, Icon, PageHeader, QueryForm, SourceFailures, dynamic, nothing, text,
    },
    pages::ec2::{params::use_params, url_text::use_url_text},
    paths,
    scope::use_scope,
};

/// More rows than this are not shown at once; the search finds the others.
const MOST: usize = 300;

/// The groups that contain all words of a search, sorted by name.
#[must_use]
pub(super) fn find_groups<'a>(groups: &'a [LogGroup], find: &str) -> Vec<&'a LogGroup> {
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
    found
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

/// The list of groups.
#[component]
pub(super) fn Groups(
    /// What was found where.
    listing: Listing<LogGroup>,
) -> impl IntoView {
    let scope = use_scope();
    let params = use_params();
    let in_url = Memo::new(move |_| params.with(|params| params.get(param::FIND)));
    let find = use_url_text(in_url, move |text| groups_href(text, &scope.get_untracked()));
    let total = listing.items.len();
    let sources = Signal::stored(listing.sources);
    let groups = StoredValue::new(listing.items);
    let found = Memo::new(move |_| {
        groups.with_value(|groups| {
            find_groups(groups, &find.text.get()).into_iter().cloned().collect::<Vec<_>>()
        })
    });
    let count = Signal::derive(move || {
        let found = found.get().len();
        Some(if found == total { total.to_string() } else { format!("{found} of {total}") })
    });
    let initial = find.text.get_untracked();
    let body = dynamic(move || {
        if total == 0 {
            let text = "There are no log groups in these accounts and regions.";
            return view! { <EmptyState title="No log groups" text=text glyph=Glyph::Logs/> }.into_any();
        }
        let found = found.get();
        if found.is_empty() {
            return view! {
                <EmptyState title="No log groups match" glyph=Glyph::Filter>
                    <a class="btn btn-sm" href=text(move || groups_href("", &scope.get()))>
                        "Clear search"
                    </a>
                </EmptyState>
            }
            .into_any();
        }
        let more = match found.len().saturating_sub(MOST) {
            0 => nothing(),
            more => {
                view! { <p class="quiet px-4 py-2">{format!("{more} more. Search to narrow the list.")}</p> }
                    .into_any()
            }
        };
        view! {
            <GroupTable groups=found.into_iter().take(MOST).collect()/>
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
                    <label class="search-box w-full max-w-xl">
                        <Icon glyph=Glyph::Search/>
                        <span class="sr-only">"Search log groups"</span>
                        <input
                            type="search"
                            name=param::FIND
                            value=initial
                            prop:value=find.text
                            placeholder="Search by name, region or account"
                            autocomplete="off"
                            spellcheck="false"
                            on:input=move |event| find.typed(event_target_value(&event))
                        />
                    </label>
                </QueryForm>
            </div>
            {body}
        </div>
    }
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
        let names = |find| -> Vec<&str> {
            find_groups(&groups, find).into_iter().map(|group| group.name.as_str()).collect()
        };
        assert_eq!(names(""), ["/app/db", "/app/web", "/aws/lambda/Orders"]);
        assert_eq!(names("lambda orders"), ["/aws/lambda/Orders"]);
        assert_eq!(names("app us-east"), ["/app/db"]);
        assert!(names("nothing").is_empty());
    }

    #[test]
    fn retention_is_said_in_days() {
        assert_eq!(retention_text(None), "Never expires");
        assert_eq!(retention_text(Some(1)), "1 day");
        assert_eq!(retention_text(Some(90)), "90 days");
    }
}
