//! `/s3`: every bucket of the scope, filtered and sorted, and making another one.

mod bulk;
mod columns;
mod create;

use leptos::prelude::*;
use nephoscope_model::{Account, Scope, s3::Bucket};

use self::{
    bulk::buckets_bulk,
    columns::{ALL, Column, Filter},
    create::create_panel,
};
use crate::{
    api::{ApiResult, fails_page, s3::list_buckets},
    components::{
        AccountTag, CopyButton, Freshness, Glyph, PageHeader, SourceFailures, Time, dynamic, failure,
        key_value::or_dash, nothing, use_toasts, wait_for,
    },
    csv,
    listing::{
        self, Address, Column as _, Items, Loaded, Query, Shown, Sort, Table, arranged,
        bulk::{bulk_dialog, bulk_report, selection_bar},
        parts::{FilterWords, chooser, emptiness, export_button, filter_form, pages},
        show, table_or, use_address, use_order,
    },
    params::use_params,
    paths::{self, Link},
    scope::use_scope,
    session::use_accounts,
};

type ListQuery = Query<Column>;
type Buckets = Loaded<Bucket, Shown<Bucket>>;

const FILTER: FilterWords = FilterWords {
    label: "Filter buckets",
    placeholder: "Filter by name, account or region",
    help: "Narrow a word to a column with name:logs, region:eu, account:production or created:2024-05.",
};

/// Every bucket of the scope.
#[component]
pub fn BucketsPage() -> impl IntoView {
    let scope = use_scope();
    let params = use_params();
    let query = Memo::new(move |_| params.with(|params| ListQuery::from_params(ALL, params)));
    let loaded = Resource::new(move || scope.get(), move |scope| load(scope, query.get_untracked()));
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading buckets", move || {
        Box::pin(async move {
            match loaded.await {
                Ok(loaded) => buckets_view(loaded, query),
                Err(error) => {
                    let notice = failure(error.0, retry);
                    view! {
                        <PageHeader title="S3 buckets"/>
                        {notice}
                    }
                    .into_any()
                }
            }
        })
    })
}

async fn load(scope: Scope, query: ListQuery) -> ApiResult<Buckets> {
    let listing = list_buckets(scope, false).await.map_err(fails_page)?;
    Ok(Loaded::new(listing, |all| {
        let accounts = use_accounts().get_untracked();
        let order = order(all, query.order(), &accounts, None);
        answer(&arranged(all, &order), &query, &accounts).first()
    }))
}

/// The order of the list, see [`listing::order`].
fn order(
    all: &[Bucket],
    (by, descending): Sort<Column>,
    accounts: &[Account],
    before: Option<&Vec<usize>>,
) -> Vec<usize> {
    listing::order(all, before, |a, b| by.compare(a, b, descending, accounts))
}

/// What of a list that is in order the filter lets pass.
fn matching<'a>(sorted: &[&'a Bucket], query: &ListQuery, accounts: &[Account]) -> Vec<&'a Bucket> {
    let filter = Filter::parse(&query.text);
    sorted.iter().filter(|bucket| filter.passes(bucket, accounts)).copied().collect()
}

/// Filters and cuts a list that is in order.
fn answer(sorted: &[&Bucket], query: &ListQuery, accounts: &[Account]) -> Shown<Bucket> {
    show(&matching(sorted, query, accounts), sorted.len(), query.page)
}

/// A file of all that match of a list that is in order: the columns that are shown, and before them where each is.
fn to_csv(sorted: &[&Bucket], query: &ListQuery, accounts: &[Account]) -> String {
    let key = [Column::AccountId, Column::Region, Column::Name];
    let others = query.shown_columns().into_iter().filter(|column| !key.contains(column));
    let columns: Vec<Column> = key.into_iter().chain(others).collect();
    let mut text = csv::row(columns.iter().map(|column| column.label()));
    for bucket in matching(sorted, query, accounts) {
        text += &csv::row(columns.iter().map(|column| column.text(bucket, accounts)));
    }
    text
}

fn href(query: &ListQuery, scope: &Scope) -> String {
    query.write(Link::new("/s3")).scope(scope).build()
}

fn buckets_view(loaded: Buckets, query: Memo<ListQuery>) -> AnyView {
    let list = Items::new(loaded);
    let (scope, accounts, toasts) = (use_scope(), use_accounts(), use_toasts());
    let address = use_address(query, move |query| href(&query, &scope.get()));
    let order = use_order(list.all, address, move |all, sort, before| {
        accounts.with(|accounts| order(all, sort, accounts, before))
    });
    let shown = Memo::new(move |_| match list.first.get() {
        Some(first) => first,
        None => list.all.with(|all| {
            let sorted = order.with(|order| arranged(all, order));
            accounts.with(|accounts| answer(&sorted, &address.sieve.get(), accounts))
        }),
    });
    let read = move |fresh| {
        list.read(move || list_buckets(scope.get_untracked(), fresh), move |error| toasts.error(error));
    };
    Effect::new(move |_| {
        if list.first.with_untracked(Option::is_some) {
            read(false);
        }
    });
    let count = Signal::derive(move || Some(shown.with(Shown::count)));
    let nothing_there = Signal::derive(move || {
        list.all.with(Vec::is_empty).then(|| "There is nothing to export yet.".to_owned())
    });
    let file = move || {
        list.all.with_untracked(|all| {
            let sorted = order.with_untracked(|order| arranged(all, order));
            accounts.with_untracked(|accounts| to_csv(&sorted, &address.present.get_untracked(), accounts))
        })
    };
    address.selection.follow(list);
    let bulk = buckets_bulk(address.selection, list.all);
    let visible = Signal::derive(move || shown.with(|shown| address.selection.count_in(&shown.keys)));
    view! {
        <PageHeader title="S3 buckets" count=MaybeProp::from(count)>
            <Freshness
                oldest=Signal::derive(move || list.oldest())
                on_refresh=Callback::new(move |()| read(true))
                busy=list.busy
            />
        </PageHeader>
        <SourceFailures sources=list.sources/>
        {create_panel()}
        {bulk_report(bulk.bulk)}
        <div class="panel">
            <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
                {filter_form(address, FILTER)} {chooser(address)}
                {export_button("s3-buckets.csv".to_owned(), nothing_there, file)}
            </div>
            {selection_bar(address.selection, (bulk.chosen.count(), visible), bulk.bulk.busy(), bulk.buttons())}
            {table_or(
                move || shown.with(|shown| shown.rows.clone()),
                Signal::derive(move || shown.with(|shown| shown.keys.clone())),
                buckets_table(address, scope),
                move || {
                    let clear = move || address.cleared();
                    shown.with(|shown| {
                        emptiness(shown, list.all_failed(), "buckets", Glyph::Bucket, clear)
                    })
                },
            )}
            {dynamic(move || shown.with(|shown| pages(shown, address)))}
        </div>
        {bulk_dialog(bulk.bulk, nothing(), Callback::new(move |typed| bulk.perform(typed)))}
    }
    .into_any()
}

fn buckets_table(address: Address<Column>, scope: Memo<Scope>) -> Table<Bucket, Column> {
    Table::new(
        "Buckets",
        address,
        |bucket: &Bucket| bucket.name.to_string(),
        move |bucket| {
            let cells = |scope: &Scope| {
                let columns = address.columns.get();
                columns.into_iter().map(|column| cell(column, bucket, scope)).collect::<Vec<_>>()
            };
            scope.with(cells)
        },
    )
}

fn cell(column: Column, bucket: &Bucket, scope: &Scope) -> AnyView {
    match column {
        Column::Name => {
            let name = bucket.name.to_string();
            view! {
                <td>
                    <a class="font-medium" href=paths::bucket(&bucket.place(), &bucket.name, scope)>
                        {name.clone()}
                    </a>
                    <CopyButton text=name label="Copy the name"/>
                </td>
            }
            .into_any()
        }
        Column::Account => view! { <td><AccountTag account=bucket.account.clone()/></td> }.into_any(),
        Column::Created => {
            let created = match bucket.created_at {
                Some(at) => view! { <Time at=at brief=true/> }.into_any(),
                None => "–".into_any(),
            };
            view! { <td class="tabular-nums">{created}</td> }.into_any()
        }
        Column::Arn => {
            let arn = bucket.arn();
            view! { <td><span class="mono">{arn.clone()}</span> <CopyButton text=arn label="Copy ARN"/></td> }
                .into_any()
        }
        Column::Region | Column::AccountId => {
            view! { <td class="tabular-nums">{or_dash(Some(column.text(bucket, &[])))}</td> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        columns::tests::{accounts, bucket},
        *,
    };
    use crate::params::Params;

    #[test]
    fn the_file_holds_all_that_match_with_the_columns_shown() {
        let all: Vec<Bucket> =
            (0..150).map(|n| bucket(&format!("logs-{n:03}"), "eu-west-1", Some(n))).collect();
        let query =
            ListQuery::from_params(ALL, &Params::parse("q=-logs-00&sort=-created&columns=arn,region"));
        let order = order(&all, query.order(), &accounts(), None);
        let sorted = arranged(&all, &order);
        let shown = answer(&sorted, &query, &accounts());
        assert_eq!((shown.matching, shown.pages, shown.rows[0].name.as_str()), (140, 2, "logs-149"));
        let csv = to_csv(&sorted, &query, &accounts());
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!((lines.len(), lines[0]), (141, "Account ID,Region,Name,ARN"));
        assert_eq!(lines[1], "111111111111,eu-west-1,logs-149,arn:aws:s3:::logs-149");
    }
}
