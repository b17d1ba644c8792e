//! `/s3/{name}`: one bucket: its objects, or how it is configured.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use nephoscope_model::{
    Error, Place, Scope,
    s3::{Bucket, BucketDetails, BucketName, ObjectPage},
};

use super::{
    confirm_field, denial,
    objects::{Folder, objects_view},
    properties::properties_view,
    submit,
};
use crate::{
    api::{
        ApiError, ApiResult, fails_page,
        s3::{get_bucket, list_objects},
    },
    components::{
        CopyButton, Glyph, Icon, PageHeader, PlaceTag, TabLink, Tabs, dynamic, failure, nothing, wait_for,
    },
    params::use_params,
    paths::{self, param},
    scope::use_scope,
};

/// The part that shows how the bucket is configured.
const PROPERTIES: &str = "properties";

/// Which bucket, and what of it.
#[derive(Clone, Debug, PartialEq)]
struct Address {
    name: String,
    at: Option<Place>,
    part: String,
    prefix: String,
    after: Option<String>,
}

/// What was found.
type Loaded = (Option<(Bucket, ObjectPage)>, Option<BucketDetails>);

async fn load(address: Address, scope: Scope) -> ApiResult<Loaded> {
    let name: BucketName = address.name.parse().map_err(ApiError).map_err(fails_page)?;
    let scope = match address.at {
        Some(place) => Scope { accounts: vec![place.account], regions: vec![place.region] },
        None => scope,
    };
    if address.part == PROPERTIES {
        return Ok((None, Some(get_bucket(scope, name).await.map_err(fails_page)?)));
    }
    let found = list_objects(scope, name, address.prefix, address.after).await.map_err(fails_page)?;
    Ok((Some(found), None))
}

/// One bucket.
#[component]
pub fn BucketPage() -> impl IntoView {
    let (route, params, scope) = (use_params_map(), use_params(), use_scope());
    let address = Memo::new(move |_| {
        let name = route.with(|route| route.get("name")).unwrap_or_default();
        params.with(|params| Address {
            name,
            at: paths::parse_place(&params.get(param::AT)).ok(),
            part: params.get(param::PART),
            prefix: params.get("prefix"),
            after: Some(params.get("after")).filter(|after| !after.is_empty()),
        })
    });
    let loaded = Resource::new(
        move || (address.get(), scope.get()),
        |(address, scope)| async move { load(address, scope).await },
    );
    let retry = Callback::new(move |()| loaded.refetch());
    wait_for("Loading the bucket", move || {
        Box::pin(async move {
            let loaded = loaded.await;
            page_view(loaded, &address.get_untracked(), &scope.get_untracked(), retry)
        })
    })
}

fn page_view(loaded: ApiResult<Loaded>, address: &Address, scope: &Scope, retry: Callback<()>) -> AnyView {
    let found = loaded.map(|loaded| match loaded {
        (Some((bucket, page)), _) => Some((bucket, Ok(page))),
        (None, Some(details)) => Some((details.bucket.clone(), Err(details))),
        (None, None) => None,
    });
    let (bucket, content) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return failed(address, scope, Error::internal(), retry),
        Err(error) => return failed(address, scope, error.0, retry),
    };
    let place = bucket.place();
    let is_objects = content.is_ok();
    let part = |label: &str, part: &str, current: bool| {
        TabLink::new(label, paths::bucket_part(&place, &bucket.name, part, scope), current)
    };
    let tabs = vec![part("Objects", "", is_objects), part("Properties", PROPERTIES, !is_objects)];
    let header = header(&bucket, scope);
    let content = match content {
        Ok(page) => {
            let folder = Folder { bucket: &bucket, scope, is_first: address.after.is_none() };
            objects_view(&folder, page)
        }
        Err(details) => view! {
            {properties_view(details)}
            {delete_form(&bucket)}
        }
        .into_any(),
    };
    view! {
        {header}
        {done_notice()}
        <Tabs label="Bucket" links=Signal::stored(tabs)/>
        {content}
    }
    .into_any()
}

fn header(bucket: &Bucket, scope: &Scope) -> AnyView {
    let (name, arn, place) = (bucket.name.to_string(), bucket.arn(), bucket.place());
    let history = paths::activity_of(&name, scope);
    view! {
        <PageHeader
            title=Signal::stored(name.clone())
            parent="S3 buckets"
            parent_href=paths::s3(scope)
        >
            <PlaceTag place=place/>
            <CopyButton text=Signal::stored(arn) label=Signal::stored("Copy ARN".to_owned()) labelled=true/>
            <a class="btn btn-sm" href=history>
                "History"
            </a>
        </PageHeader>
    }
    .into_any()
}

fn failed(address: &Address, scope: &Scope, error: Error, retry: Callback<()>) -> AnyView {
    let notice = failure(error, retry);
    view! {
        <PageHeader title=Signal::stored(address.name.clone()) parent="S3 buckets" parent_href=paths::s3(scope)/>
        {notice}
    }
    .into_any()
}

/// Says that what a form asked for was done.
fn done_notice() -> AnyView {
    let params = use_params();
    let words = Memo::new(move |_| match params.with(|params| params.get("done")).as_str() {
        "created" => Some("The bucket is there."),
        "uploaded" => Some("The file is uploaded."),
        "deleted" => Some("The object is deleted."),
        _ => None,
    });
    dynamic(move || match words.get() {
        Some(words) => view! {
            <div class="notice" role="status">
                <Icon glyph=Glyph::Check/>
                <p>{words}</p>
            </div>
        }
        .into_any(),
        None => nothing(),
    })
    .into_any()
}

fn delete_form(bucket: &Bucket) -> AnyView {
    let action = paths::bucket(&bucket.place(), &bucket.name, &Scope::default());
    let label = format!("Type {} to confirm", bucket.name);
    view! {
        <details class="panel-details">
            <summary class="btn btn-sm">"Delete this bucket"</summary>
            <form method="post" action=action class="toolbar">
                <input type="hidden" name="do" value="delete-bucket"/>
                {confirm_field(label)}
                {submit("Delete the bucket", "btn btn-sm btn-error", denial(&bucket.account))}
                <p class="quiet">"It must be empty. Its name may then be taken by anybody."</p>
            </form>
        </details>
    }
    .into_any()
}
