//! `/s3`: every bucket of the scope.

use leptos::prelude::*;
use nephoscope_model::{Account, Listing, Scope, identity::Permission, s3::Bucket};

use super::submit;
use crate::{
    api::{ApiResult, fails_page, s3::list_buckets},
    components::{
        CopyButton, EmptyState, PageHeader, Panel, PlaceTag, QueryForm, SearchBox, SourceFailures, Time,
        dynamic, failure, nothing, wait_for,
    },
    params::use_params,
    paths,
    scope::use_scope,
    session::{may_somewhere, read_only_reason, use_accounts},
    url_text::use_url_text,
};

/// The parameter that holds what is looked for.
const FIND: &str = "q";

/// Every bucket of the scope.
#[component]
pub fn BucketsPage() -> impl IntoView {
    let scope = use_scope();
    let loaded = Resource::new(
        move || scope.get(),
        |scope| async move { list_buckets(scope, false).await.map_err(fails_page) },
    );
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading buckets", move || Box::pin(async move { buckets_view(loaded.await, retry) }))
}

fn buckets_view(loaded: ApiResult<Listing<Bucket>>, retry: Callback<()>) -> AnyView {
    let listing = match loaded {
        Ok(listing) => listing,
        Err(error) => {
            let notice = failure(error.0, retry);
            return view! {
                <PageHeader title="S3 buckets"/>
                {notice}
            }
            .into_any();
        }
    };
    let (scope, accounts, params) = (use_scope(), use_accounts(), use_params());
    let sought = Memo::new(move |_| params.with(|params| params.get(FIND)));
    let find = use_url_text(sought, move |text| {
        paths::Link::new("/s3").query(FIND, text).scope(&scope.get_untracked()).build()
    });
    let (buckets, sources) = (StoredValue::new(listing.items), listing.sources);
    let all = buckets.with_value(Vec::len);
    let shown = Memo::new(move |_| {
        buckets.with_value(|buckets| accounts.with(|accounts| matching(buckets, &find.text.get(), accounts)))
    });
    let count = Signal::derive(move || Some(count_words(shown.with(Vec::len), all)));
    view! {
        <PageHeader title="S3 buckets" count=count/>
        <SourceFailures sources=Signal::stored(sources)/>
        {create_panel()}
        <div class="panel">
            <QueryForm own=&[FIND] class="toolbar" label="Filter">
                <SearchBox
                    label="Find buckets"
                    placeholder="Name, account or region"
                    name=FIND
                    text=find.text
                    on_text=Callback::new(move |text| find.typed(text))
                />
            </QueryForm>
            {dynamic(move || table(shown.get(), all, &scope.get()))}
        </div>
    }
    .into_any()
}

fn count_words(shown: usize, all: usize) -> String {
    if shown == all { all.to_string() } else { format!("{shown} of {all}") }
}

/// The buckets of which name, account or region hold what is looked for.
fn matching(buckets: &[Bucket], text: &str, accounts: &[Account]) -> Vec<Bucket> {
    let text = text.trim().to_lowercase();
    let named = |bucket: &Bucket| {
        accounts.iter().any(|it| it.id == bucket.account && it.name.to_lowercase().contains(&text))
    };
    let fits = |bucket: &&Bucket| {
        bucket.name.as_str().to_lowercase().contains(&text)
            || bucket.region.as_str().contains(&text)
            || bucket.account.as_str().contains(&text)
            || named(bucket)
    };
    buckets.iter().filter(fits).cloned().collect()
}

fn table(buckets: Vec<Bucket>, all: usize, scope: &Scope) -> AnyView {
    if buckets.is_empty() {
        let (title, text) = if all == 0 {
            ("No buckets here", "The chosen accounts and regions have none.")
        } else {
            ("Nothing found", "No bucket of these accounts and regions matches what you typed.")
        };
        return view! { <EmptyState title=title text=text/> }.into_any();
    }
    let rows = buckets.into_iter().map(|bucket| row(&bucket, scope)).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Buckets">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Account and region"</th>
                        <th scope="col">"Created"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(bucket: &Bucket, scope: &Scope) -> AnyView {
    let name = bucket.name.to_string();
    let created = match bucket.created_at {
        Some(at) => view! { <Time at=at brief=true/> }.into_any(),
        None => nothing(),
    };
    view! {
        <tr>
            <td>
                <a href=paths::bucket(&bucket.place(), &bucket.name, scope)>{name.clone()}</a>
                <CopyButton text=Signal::stored(name) label=Signal::stored("Copy the name".to_owned())/>
            </td>
            <td>
                <PlaceTag place=bucket.place()/>
            </td>
            <td>{created}</td>
        </tr>
    }
    .into_any()
}

/// The form that makes a bucket.
fn create_panel() -> AnyView {
    let denial = match read_only_reason() {
        Some(reason) => Some(reason.to_owned()),
        None => (!may_somewhere(Permission::Operate).get_untracked())
            .then(|| "Your role does not allow it: ask an administrator.".to_owned()),
    };
    let places = use_accounts().with_untracked(|accounts| {
        let of = |account: &Account| {
            let places = account
                .regions
                .iter()
                .map(|region| (format!("{}/{region}", account.id), format!("{} · {region}", account.name)));
            places.collect::<Vec<_>>()
        };
        accounts.iter().flat_map(of).collect::<Vec<_>>()
    });
    let options = places
        .into_iter()
        .map(|(value, label)| view! { <option value=value>{label}</option> })
        .collect_view();
    view! {
        <details class="panel-details">
            <summary class="btn btn-sm">"Create a bucket"</summary>
            <Panel title="Create a bucket">
                <form method="post" action="/s3" class="toolbar">
                    <label class="field">
                        <span>"Name"</span>
                        <input
                            class="input input-sm"
                            name="name"
                            required
                            minlength="3"
                            maxlength="63"
                            pattern="[a-z0-9][a-z0-9.\\-]*[a-z0-9]"
                            title="3 to 63 lower-case letters, digits, dots and hyphens"
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                        />
                    </label>
                    <label class="field">
                        <span>"Account and region"</span>
                        <select class="select select-sm" name="at">
                            {options}
                        </select>
                    </label>
                    <label class="check">
                        <input type="checkbox" class="checkbox checkbox-sm" name="versioning" value="yes"/>
                        "Keep earlier versions of objects"
                    </label>
                    <label class="check">
                        <input type="checkbox" class="checkbox checkbox-sm" name="public" value="yes"/>
                        "Allow that it is made public"
                    </label>
                    {submit("Create", "btn btn-sm btn-primary", denial)}
                    <p class="quiet">
                        "The name is one for all customers of AWS. Objects are encrypted, and nobody but the account gets at them unless you allow it."
                    </p>
                </form>
            </Panel>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use nephoscope_model::scope::AccountColor;

    use super::*;

    #[test]
    fn buckets_are_found_by_name_account_and_region() {
        let account = Account {
            id: "111111111111".parse().expect("an id"),
            name: "Production".to_owned(),
            color: AccountColor::Red,
            regions: Vec::new(),
        };
        let bucket = |name: &str, region: &str| Bucket {
            name: name.parse().expect("a name"),
            account: account.id.clone(),
            region: region.parse().expect("a region"),
            created_at: None,
        };
        let buckets = [bucket("logs-eu", "eu-west-1"), bucket("assets", "us-east-1")];
        let found = |text: &str| matching(&buckets, text, std::slice::from_ref(&account)).len();
        assert_eq!(
            [found(""), found("LOGS"), found("us-east"), found("produc"), found("1111"), found("x")],
            [2, 1, 1, 2, 2, 0]
        );
        assert_eq!((count_words(2, 2), count_words(1, 2)), ("2".to_owned(), "1 of 2".to_owned()));
    }
}
