//! What the forms about buckets and objects post. They work without JavaScript; an error is a page by itself, from which the browser's
//! Back leads to the form as it was filled.

use axum::{
    body::Bytes,
    extract::{Multipart, Path, Query, State, multipart::Field},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use futures::{Stream, stream};
use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result, Scope,
    ec2::Tag,
    error::shorten,
    s3::{Bucket, BucketEncryption, BucketName, CopyRequest, NewBucket, file_name},
};
use nephoscope_ops::{Caller, NewObject, Ops};
use nephoscope_web::{params::Params, paths};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{access::Authenticated, plain::Plain, state::App};

/// Pieces of a file that wait between the browser and S3.
const WAITING: usize = 4;
/// The longest text of a field beside the file.
const MAX_FIELD: usize = 1_024;

/// The form of `/s3`: makes a bucket.
pub(super) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::parse(&String::from_utf8_lossy(&body));
    match create_bucket(app.ops(), &caller, &form).await {
        Ok(bucket) => {
            let page = paths::bucket(&bucket.place(), &bucket.name, &Scope::default());
            Redirect::to(&with_done(&page, "created")).into_response()
        }
        Err(error) => {
            trouble(&app, &headers, "The bucket was not made", &error, &paths::s3(&Scope::default()))
        }
    }
}

async fn create_bucket(ops: &Ops, caller: &Caller, form: &Params) -> Result<Bucket> {
    let name: BucketName = form.get("name").trim().parse()?;
    ops.check_may(caller, Operation::CreateBucket, name.as_str()).await?;
    let place = paths::parse_place(&form.get("at"))?;
    let encryption = match form.get("encryption").as_str() {
        "" | "s3" => BucketEncryption::S3,
        "kms" => BucketEncryption::Kms,
        _ => return Err(Error::invalid("The form does not say how objects shall be encrypted.")),
    };
    // The field is not shown otherwise, whatever was written into it before.
    let key = Some(form.get("kms-key").trim().to_owned()).filter(|_| encryption == BucketEncryption::Kms);
    let new = NewBucket {
        name,
        versioning: !form.get("versioning").is_empty(),
        block_public_access: form.get("public").is_empty(),
        encryption,
        kms_key: key.filter(|key| !key.is_empty()),
    };
    ops.create_bucket(caller, &place, &new).await
}

/// Where a form of a bucket's page stands.
#[derive(Debug, Deserialize)]
pub(super) struct Standing {
    #[serde(default)]
    at: String,
    #[serde(default)]
    prefix: String,
}

impl Standing {
    async fn bucket(&self, ops: &Ops, caller: &Caller, operation: Operation, name: &str) -> Result<Bucket> {
        let place: Place = paths::parse_place(&self.at)?;
        let scope = Scope { accounts: vec![place.account], regions: vec![place.region] };
        ops.locate_bucket(caller, operation, &scope, &name.parse()?).await
    }

    /// The page that the form stands on.
    fn page(&self, name: &str) -> String {
        let known = paths::parse_place(&self.at).ok().zip(name.parse::<BucketName>().ok());
        known.map_or_else(
            || paths::s3(&Scope::default()),
            |(place, name)| paths::objects(&place, &name, &self.prefix, &Scope::default()),
        )
    }
}

/// The forms of `/s3/{name}`: what is done to the bucket, or to an object in it.
pub(super) async fn change(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(standing): Query<Standing>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::parse(&String::from_utf8_lossy(&body));
    match obey(app.ops(), &caller, &standing, &name, &form).await {
        Ok(next) => Redirect::to(&next).into_response(),
        Err(error) => trouble(&app, &headers, trouble_title(&form), &error, &standing.page(&name)),
    }
}

async fn obey(ops: &Ops, caller: &Caller, standing: &Standing, name: &str, form: &Params) -> Result<String> {
    let confirm = form.get("confirm");
    match form.get("do").as_str() {
        "delete-bucket" => {
            let bucket = standing.bucket(ops, caller, Operation::DeleteBucket, name).await?;
            ops.delete_bucket(caller, &bucket, Some(confirm.trim())).await?;
            Ok(paths::s3(&Scope::default()))
        }
        "delete-object" => {
            let bucket = standing.bucket(ops, caller, Operation::DeleteObject, name).await?;
            ops.delete_object(caller, &bucket, &form.get("key"), Some(&confirm)).await?;
            Ok(with_done(&standing.page(name), "deleted"))
        }
        "copy" => {
            let request = CopyRequest {
                key: form.get("key"),
                version_id: filled(form.get("version")),
                to: form.get("to"),
                overwrite: !form.get("overwrite").is_empty(),
                rename: form.get("how") == "rename",
            };
            let (operation, done) = match request.rename {
                true => (Operation::RenameObject, "renamed"),
                false => (Operation::CopyObject, "copied"),
            };
            let bucket = standing.bucket(ops, caller, operation, name).await?;
            ops.copy_object(caller, &bucket, &request).await?;
            Ok(with_done(&object_page(&bucket, &request.to), done))
        }
        "restore" => {
            let bucket = standing.bucket(ops, caller, Operation::RestoreVersion, name).await?;
            let key = form.get("key");
            ops.restore_version(caller, &bucket, &key, &form.get("version")).await?;
            Ok(with_done(&object_page(&bucket, &key), "restored"))
        }
        "set-tags" => {
            let bucket = standing.bucket(ops, caller, Operation::SetBucketTags, name).await?;
            let known = tags_of(form, "known-key", "known-value");
            let mut wanted = tags_of(form, "key", "value");
            // Those of AWS are shown and cannot be changed, so that they are no fields.
            wanted.extend(known.iter().filter(|tag| tag.is_of_aws()).cloned());
            ops.set_bucket_tags(caller, &bucket, wanted, Some(known)).await?;
            Ok(with_done(&properties_page(&bucket), "tags"))
        }
        "set-versioning" => {
            let enabled = match form.get("versioning").as_str() {
                "enable" => true,
                "suspend" => false,
                _ => return Err(Error::invalid("The form does not say how versioning shall be.")),
            };
            let bucket = standing.bucket(ops, caller, Operation::SetVersioning, name).await?;
            ops.set_versioning(caller, &bucket, enabled).await?;
            Ok(with_done(&properties_page(&bucket), "versioning"))
        }
        _ => Err(Error::invalid("The form does not say what to do.")),
    }
}

fn trouble_title(form: &Params) -> &'static str {
    match form.get("do").as_str() {
        "copy" => "The object was not copied",
        "restore" => "The version was not restored",
        "set-tags" => "The tags were not saved",
        "set-versioning" => "The versioning was not changed",
        _ => "Nothing was deleted",
    }
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn object_page(bucket: &Bucket, key: &str) -> String {
    paths::object(&bucket.place(), &bucket.name, key, None, &Scope::default())
}

fn properties_page(bucket: &Bucket) -> String {
    paths::bucket_part(&bucket.place(), &bucket.name, paths::PROPERTIES, &Scope::default())
}

/// The rows of a form of tags; a row without a key is none.
fn tags_of(form: &Params, key: &str, value: &str) -> Vec<Tag> {
    let texts = |name: &str| {
        let of_it = form.pairs().filter(|(known, _)| *known == name);
        of_it.map(|(_, text)| text.trim().to_owned()).collect::<Vec<_>>()
    };
    let rows = texts(key).into_iter().zip(texts(value));
    rows.map(|(key, value)| Tag { key, value }).filter(|tag| !tag.key.is_empty()).collect()
}

/// The form that uploads a file below the prefix that is looked at.
pub(super) async fn upload(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Query(standing): Query<Standing>,
    headers: HeaderMap,
    multipart: std::result::Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let uploaded = match multipart {
        Ok(multipart) => upload_file(app.ops(), &caller, &standing, &name, multipart).await,
        Err(_) => Err(broken_off()),
    };
    match uploaded {
        Ok(()) => Redirect::to(&with_done(&standing.page(&name), "uploaded")).into_response(),
        Err(error) => trouble(&app, &headers, "The file was not uploaded", &error, &standing.page(&name)),
    }
}

async fn upload_file(
    ops: &Ops,
    caller: &Caller,
    standing: &Standing,
    name: &str,
    mut multipart: Multipart,
) -> Result<()> {
    let bucket = standing.bucket(ops, caller, Operation::UploadObject, name).await?;
    let mut overwrite = false;
    while let Some(field) = multipart.next_field().await.map_err(|_| broken_off())? {
        match field.name() {
            // It stands before the file, so that it is known when the file comes.
            Some("overwrite") => overwrite = !short_text(field).await?.is_empty(),
            Some("file") => {
                let file = file_name(field.file_name().unwrap_or_default()).to_owned();
                if file.is_empty() {
                    return Err(Error::invalid("No file was chosen."));
                }
                let new = NewObject {
                    bucket,
                    key: format!("{}{file}", standing.prefix),
                    content_type: field.content_type().map(str::to_owned),
                    overwrite,
                    checksum: None,
                };
                return send(ops, caller, new, field).await;
            }
            _ => {}
        }
    }
    Err(Error::invalid("The form holds no file."))
}

async fn short_text(mut field: Field<'_>) -> Result<String> {
    let mut text = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| broken_off())? {
        text.extend_from_slice(&piece);
        if text.len() > MAX_FIELD {
            return Err(Error::invalid("A field of the form is too long."));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Hands a file on while it comes. The upload goes on by itself, so that it can clean up after a browser that goes away; it takes the file
/// for whole only when it is told so.
async fn send(ops: &Ops, caller: &Caller, new: NewObject, mut field: Field<'_>) -> Result<()> {
    let (pieces, received) = mpsc::channel::<Option<Bytes>>(WAITING);
    let forward = async move {
        while let Some(piece) = field.chunk().await.map_err(|_| broken_off())? {
            // When the upload has ended before the file, it says why itself.
            if pieces.send(Some(piece)).await.is_err() {
                return Ok(());
            }
        }
        let _ended = pieces.send(None).await;
        Ok(())
    };
    let (forwarded, uploaded) = tokio::join!(forward, ops.upload_object(caller, new, whole(received)));
    uploaded.map(drop).and(forwarded)
}

/// The pieces up to the word that it was all; without that word, an error.
fn whole(received: mpsc::Receiver<Option<Bytes>>) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
    stream::unfold(Some(received), |received| async {
        let mut received = received?;
        match received.recv().await {
            Some(Some(piece)) => Some((Ok(piece), Some(received))),
            Some(None) => None,
            None => Some((Err(broken_off()), None)),
        }
    })
}

fn broken_off() -> Error {
    Error::new(ErrorCode::InvalidInput, "The file broke off before its end, so that nothing was written.")
        .with_hint("Upload it again.")
}

fn with_done(page: &str, done: &str) -> String {
    paths::Link::new(page).query("done", done).build()
}

fn trouble(app: &App, headers: &HeaderMap, title: &'static str, error: &Error, back: &str) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let back = shorten(back, 4_096);
    Plain::new(title).trouble(error).link("Back", &back).answer(status, app.leptos(), headers)
}
