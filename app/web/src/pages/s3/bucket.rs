//! `/s3/{name}`: one bucket: its objects, one of them, or how it is configured.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use nephoscope_model::{
    Error, ErrorCode, Place, Scope, Timestamp,
    s3::{Bucket, BucketDetails, BucketName, Emptying, FoundObjects, ObjectFilter, ObjectPage, VersionPage},
};
use serde::{Deserialize, Serialize};

use super::{
    confirm_field, denial,
    emptying::emptying_panel,
    folder::{AFTER, At, Folder, PREFIX, VERSIONS},
    object::object_view,
    objects::{Around, found_view, objects_view, versions_view},
    properties::properties_view,
    submit,
    upload::uploads_panel,
};
use crate::{
    api::{
        ApiError, ApiResult, fails_page,
        s3::{ObjectView, get_object, get_properties, list_objects, list_versions, search_objects},
    },
    components::{
        CopyButton, ErrorNotice, Freshness, Glyph, Icon, PageHeader, PlaceTag, TabLink, Tabs, dynamic,
        failure, nothing, wait_for,
    },
    listing::{self, bulk::report_view},
    params::use_params,
    paths::{self, PROPERTIES, param},
    scope::use_scope,
};

/// Which bucket, and what of it.
#[derive(Clone, Debug, PartialEq)]
struct Address {
    name: String,
    at: Option<Place>,
    part: String,
    prefix: String,
    after: Option<String>,
    versions: bool,
    sought: String,
    key: String,
    version: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Loaded {
    /// With what is wrong about a search that could not be made.
    Objects(Bucket, ObjectPage, Option<Error>),
    Versions(Bucket, VersionPage),
    Found(Bucket, FoundObjects),
    Object(Box<ObjectView>),
    Properties(Box<BucketDetails>, Option<Emptying>),
}

impl Loaded {
    fn bucket(&self) -> &Bucket {
        match self {
            Self::Objects(bucket, ..) | Self::Versions(bucket, _) | Self::Found(bucket, _) => bucket,
            Self::Object(view) => &view.bucket,
            Self::Properties(details, _) => &details.bucket,
        }
    }

    /// When AWS told it, where it may have been a while ago; the rest is asked each time.
    fn fetched_at(&self) -> Option<Timestamp> {
        match self {
            Self::Objects(_, page, _) => Some(page.fetched_at),
            Self::Properties(details, _) => Some(details.fetched_at),
            Self::Versions(..) | Self::Found(..) | Self::Object(_) => None,
        }
    }
}

async fn load(address: Address, scope: Scope, fresh: bool) -> ApiResult<Loaded> {
    let name: BucketName = address.name.parse().map_err(ApiError).map_err(fails_page)?;
    let scope = match address.at {
        Some(place) => Scope { accounts: vec![place.account], regions: vec![place.region] },
        None => scope,
    };
    let Address { part, prefix, after, versions, sought, key, version, .. } = address;
    if !key.is_empty() {
        let view = get_object(scope, name, key, version).await.map_err(fails_page)?;
        return Ok(Loaded::Object(Box::new(view)));
    }
    if part == PROPERTIES {
        let (details, emptying) = get_properties(scope, name, fresh).await.map_err(fails_page)?;
        return Ok(Loaded::Properties(Box::new(details), emptying));
    }
    if !ObjectFilter::parse(&sought).is_empty() {
        match search_objects(scope.clone(), name.clone(), prefix.clone(), sought, after).await {
            Ok((bucket, found)) => return Ok(Loaded::Found(bucket, found)),
            // Words that make no sense are mended where they are written.
            Err(error) if error.0.code == ErrorCode::InvalidInput => {
                let (bucket, page) =
                    list_objects(scope, name, prefix, None, fresh).await.map_err(fails_page)?;
                return Ok(Loaded::Objects(bucket, page, Some(error.0)));
            }
            Err(error) => return Err(fails_page(error)),
        }
    }
    if versions {
        let (bucket, page) = list_versions(scope, name, prefix, after).await.map_err(fails_page)?;
        return Ok(Loaded::Versions(bucket, page));
    }
    let (bucket, page) = list_objects(scope, name, prefix, after, fresh).await.map_err(fails_page)?;
    Ok(Loaded::Objects(bucket, page, None))
}

/// One bucket.
#[component]
pub fn BucketPage() -> impl IntoView {
    let (route, params, scope) = (use_params_map(), use_params(), use_scope());
    let address = Memo::new(move |_| {
        let name = route.with(|route| route.get("name")).unwrap_or_default();
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        params.with(|params| Address {
            name,
            at: paths::parse_place(&params.get(param::AT)).ok(),
            part: params.get(param::PART),
            prefix: params.get(PREFIX),
            after: filled(params.get(AFTER)),
            versions: !params.get(VERSIONS).is_empty(),
            sought: params.get(listing::param::TEXT),
            key: params.get("key"),
            version: filled(params.get("version")),
        })
    });
    // Taken by the next question.
    let fresh = StoredValue::new(false);
    let loaded = Resource::new(
        move || (address.get(), scope.get()),
        move |(address, scope)| {
            let fresh = fresh.try_update_value(std::mem::take).unwrap_or_default();
            load(address, scope, fresh)
        },
    );
    // They outlive the page of the list that they are about.
    let failures = RwSignal::new(None);
    let around = Around { failures, reload: Callback::new(move |()| loaded.refetch()) };
    let refresh = Callback::new(move |()| {
        fresh.set_value(true);
        loaded.refetch();
    });
    let page = wait_for("Loading the bucket", move || {
        Box::pin(async move {
            let loaded = loaded.await;
            page_view(loaded, &address.get_untracked(), &scope.get_untracked(), around, refresh)
        })
    });
    // It outlives all of that.
    view! {
        {page}
        {uploads_panel(Memo::new(move |_| address.with(|address| address.name.clone())), around.reload)}
    }
}

fn page_view(
    loaded: ApiResult<Loaded>,
    address: &Address,
    scope: &Scope,
    around: Around,
    refresh: Callback<()>,
) -> AnyView {
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return failed(address, scope, error.0, around.reload),
    };
    let bucket = loaded.bucket().clone();
    let place = bucket.place();
    let is_objects = !matches!(loaded, Loaded::Properties(..));
    let part = |label: &str, part: &str, current: bool| {
        TabLink::new(label, paths::bucket_part(&place, &bucket.name, part, scope), current)
    };
    let tabs = vec![part("Objects", "", is_objects), part("Properties", PROPERTIES, !is_objects)];
    let header = header(&bucket, address, scope, loaded.fetched_at(), refresh);
    let is_found = matches!(loaded, Loaded::Found(..));
    let folder = Folder::new(At {
        bucket: bucket.clone(),
        scope: scope.clone(),
        prefix: address.prefix.clone(),
        sought: if is_found { address.sought.clone() } else { String::new() },
        versions: matches!(loaded, Loaded::Versions(..)),
        after: address.after.clone(),
    });
    let content = match loaded {
        Loaded::Objects(_, page, wrong) => {
            let wrong = wrong.map(|error| view! { <ErrorNotice error=error/> }.into_any());
            let objects = objects_view(folder, page, around);
            view! {
                {wrong}
                {objects}
            }
            .into_any()
        }
        Loaded::Versions(_, page) => versions_view(folder, page, around),
        Loaded::Found(_, found) => found_view(folder, found, around),
        Loaded::Object(view) => object_view(*view, scope),
        Loaded::Properties(details, emptying) => view! {
            {properties_view(*details)}
            {emptying_panel(&bucket, emptying)}
            {delete_form(&bucket)}
        }
        .into_any(),
    };
    view! {
        {header}
        {done_notice()}
        <Tabs label="Bucket" links=Signal::stored(tabs)/>
        {report_view(around.failures)}
        {content}
    }
    .into_any()
}

fn header(
    bucket: &Bucket,
    address: &Address,
    scope: &Scope,
    fetched_at: Option<Timestamp>,
    refresh: Callback<()>,
) -> AnyView {
    let (name, arn, place) = (bucket.name.to_string(), bucket.arn(), bucket.place());
    let history = paths::activity_of(&name, scope);
    let key = Some(address.key.as_str()).filter(|key| !key.is_empty());
    let console = paths::s3_console(&bucket.region, &bucket.name, &address.prefix, key);
    // The page that comes with the answer has one of its own.
    let busy = RwSignal::new(false);
    let on_refresh = Callback::new(move |()| {
        busy.set(true);
        refresh.run(());
    });
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
            <a class="btn btn-sm" href=console target="_blank" rel="noreferrer noopener">
                <Icon glyph=Glyph::External/>
                "Open in AWS Console"
            </a>
            <Freshness oldest=Signal::stored(fetched_at) on_refresh=on_refresh busy=busy/>
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
        "copied" => Some("The copy is there."),
        "renamed" => Some("The object has its new key."),
        "restored" => Some("The version is restored."),
        "tags" => Some("The tags are saved."),
        "versioning" => Some("The versioning is changed."),
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
