//! The part of the S3 in memory that is about versions, many objects at once, and copies.

use std::collections::BTreeMap;

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::s3_player::{Asked, Memory, error, with};

/// A version: its id, and its content unless it is the mark of a deletion. The newest stands last.
pub(crate) type Version = (String, Option<Vec<u8>>);

/// The answer, if it is a request of this kind. The bucket is there.
pub(crate) fn play(
    memory: &mut Memory,
    asked: &Asked<'_>,
    operation: &str,
    request: &ReplayRequest,
) -> Option<ReplayResponse> {
    Some(match operation {
        "ListObjectVersions" if memory.endless => {
            memory.number += 1;
            let key = format!("n{}", memory.number);
            let version = format!("<Version><Key>{key}</Key><VersionId>null</VersionId></Version>");
            let more = format!("<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker>");
            wire::xml(200, format!("<ListVersionsResult>{more}{version}</ListVersionsResult>"))
        }
        "ListObjectVersions" => list_versions(memory, asked),
        "ListMultipartUploads" => list_uploads(memory),
        "DeleteObjects" => delete_many(memory, asked, request),
        "HeadObject" => head(memory, asked),
        "GetObject" if asked.has("versionId") => match version_of(memory, asked) {
            Some(content) => {
                with(wire::xml(200, content.clone()), "content-length", &content.len().to_string())
            }
            None => error(404, "NoSuchVersion"),
        },
        "GetObjectTagging" => {
            wire::xml(200, "<Tagging><TagSet><Tag><Key>team</Key><Value>a b</Value></Tag></TagSet></Tagging>")
        }
        "CopyObject" => copy(memory, asked, request),
        "DeleteObject" => {
            delete(memory, asked.bucket, &asked.key, asked.query.get("versionId").map(String::as_str));
            wire::xml(204, "")
        }
        "PutBucketTagging" => {
            let body = request.text();
            let tags = body.split("<Tag>").skip(1).map(|tag| (between(tag, "Key"), between(tag, "Value")));
            memory.tags.insert(asked.bucket.to_owned(), tags.collect());
            wire::xml(204, "")
        }
        "DeleteBucketTagging" => {
            memory.tags.insert(asked.bucket.to_owned(), BTreeMap::new());
            wire::xml(204, "")
        }
        "GetBucketTagging" => match memory.tags.get(asked.bucket) {
            None => error(403, "AccessDenied"),
            Some(tags) if tags.is_empty() => error(404, "NoSuchTagSet"),
            Some(tags) => {
                let tag = |(key, value): (&String, &String)| {
                    format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>")
                };
                let tags: String = tags.iter().map(tag).collect();
                wire::xml(200, format!("<Tagging><TagSet>{tags}</TagSet></Tagging>"))
            }
        },
        _ => return None,
    })
}

/// Writes an object, as a new version where versions are kept.
pub(crate) fn put(memory: &mut Memory, bucket: &str, key: &str, content: Vec<u8>) {
    if memory.versioned.contains(bucket) {
        memory.number += 1;
        let id = format!("v{}", memory.number);
        memory
            .history
            .entry((bucket.to_owned(), key.to_owned()))
            .or_default()
            .push((id, Some(content.clone())));
    }
    if let Some(objects) = memory.buckets.get_mut(bucket) {
        objects.insert(key.to_owned(), content);
    }
}

fn delete(memory: &mut Memory, bucket: &str, key: &str, version: Option<&str>) {
    let Some(objects) = memory.buckets.get_mut(bucket) else { return };
    if !memory.versioned.contains(bucket) {
        objects.remove(key);
        return;
    }
    let versions = memory.history.entry((bucket.to_owned(), key.to_owned())).or_default();
    match version {
        Some(id) => versions.retain(|(known, _)| known != id),
        None => {
            memory.number += 1;
            versions.push((format!("v{}", memory.number), None));
        }
    }
    match versions.last() {
        Some((_, Some(content))) => objects.insert(key.to_owned(), content.clone()),
        _ => objects.remove(key),
    };
}

fn delete_many(memory: &mut Memory, asked: &Asked<'_>, request: &ReplayRequest) -> ReplayResponse {
    let mut errors = String::new();
    for object in request.text().split("<Object>").skip(1) {
        let (key, version) = (between(object, "Key"), between(object, "VersionId"));
        if memory.locked.contains(&key) {
            errors += &format!(
                "<Error><Key>{key}</Key><VersionId>{version}</VersionId><Code>AccessDenied</Code>\
                 <Message>Access Denied</Message></Error>"
            );
            continue;
        }
        let version = Some(version.as_str()).filter(|version| !version.is_empty());
        delete(memory, asked.bucket, &key, version);
    }
    memory.batches += 1;
    wire::xml(200, format!("<DeleteResult>{errors}</DeleteResult>"))
}

/// The text of the first element of this name; empty when there is none.
fn between(xml: &str, name: &str) -> String {
    let text =
        xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
    let text = text.map_or("", |(text, _)| text);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// All versions below a prefix, on one page; of a bucket that keeps none, the objects.
fn list_versions(memory: &Memory, asked: &Asked<'_>) -> ReplayResponse {
    let prefix = asked.query.get("prefix").cloned().unwrap_or_default();
    let is_one_level = asked.has("delimiter");
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (mut entries, mut folders) = (String::new(), Vec::new());
    let mut all: Vec<(&String, Vec<Version>)> = Vec::new();
    if memory.versioned.contains(asked.bucket) {
        let of_it = memory.history.iter().filter(|((bucket, _), _)| bucket == asked.bucket);
        all.extend(of_it.map(|((_, key), versions)| (key, versions.clone())));
    } else {
        let objects = &memory.buckets[asked.bucket];
        all.extend(
            objects.iter().map(|(key, content)| (key, vec![("null".to_owned(), Some(content.clone()))])),
        );
    }
    for (key, versions) in all.into_iter().filter(|(key, _)| key.starts_with(&prefix)) {
        if let Some((folder, _)) = key[prefix.len()..].split_once('/').filter(|_| is_one_level) {
            folders.push(format!("{prefix}{folder}/"));
            continue;
        }
        for (index, (id, content)) in versions.iter().enumerate().rev() {
            let name = if content.is_some() { "Version" } else { "DeleteMarker" };
            let size = content.as_ref().map_or(0, Vec::len);
            let latest = index + 1 == versions.len();
            entries += &format!(
                "<{name}><Key>{}</Key><VersionId>{id}</VersionId><IsLatest>{latest}</IsLatest><Size>{size}</Size>\
                 <LastModified>2026-01-02T03:04:{index:02}.000Z</LastModified></{name}>",
                encode(key)
            );
        }
    }
    folders.dedup();
    for folder in folders {
        entries += &format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", encode(&folder));
    }
    wire::xml(
        200,
        format!(
            "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{entries}</ListVersionsResult>"
        ),
    )
}

fn list_uploads(memory: &Memory) -> ReplayResponse {
    let upload = |id: &String| format!("<Upload><Key>half</Key><UploadId>{id}</UploadId></Upload>");
    let uploads: String = memory.uploads.keys().map(upload).collect();
    wire::xml(200, format!("<ListMultipartUploadsResult>{uploads}</ListMultipartUploadsResult>"))
}

fn version_of(memory: &Memory, asked: &Asked<'_>) -> Option<Vec<u8>> {
    let versions = memory.history.get(&(asked.bucket.to_owned(), asked.key.clone()))?;
    versions.iter().find(|(id, _)| *id == asked.query["versionId"])?.1.clone()
}

fn head(memory: &Memory, asked: &Asked<'_>) -> ReplayResponse {
    let content = match asked.has("versionId") {
        true => version_of(memory, asked),
        false => memory.buckets[asked.bucket].get(&asked.key).cloned(),
    };
    // S3 says nothing in words to who only wants the head.
    let Some(content) = content else { return wire::xml(404, "") };
    // Nobody keeps 6 GiB in memory for a test.
    let length = if asked.key == "huge" { 6 << 30 } else { content.len() };
    let etag = match memory.made_of.get(&asked.key) {
        Some(parts) => format!("\"abc-{parts}\""),
        None => "\"abc\"".to_owned(),
    };
    let headers = [
        ("content-length", length.to_string()),
        ("content-type", "text/plain".to_owned()),
        ("etag", etag),
        ("x-amz-meta-who", "me".to_owned()),
        ("x-amz-checksum-crc32", "poTHxg==".to_owned()),
        ("x-amz-server-side-encryption", "AES256".to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
    ReplayResponse { status: 200, headers, body: Vec::new() }
}

fn copy(memory: &mut Memory, asked: &Asked<'_>, request: &ReplayRequest) -> ReplayResponse {
    let source = request.header("x-amz-copy-source").unwrap_or_default();
    let (source, version) = source.split_once("?versionId=").unwrap_or((source, ""));
    let source = percent_decode_str(source).decode_utf8_lossy().into_owned();
    let (bucket, key) = source.split_once('/').expect("a bucket and a key");
    let content = match version {
        "" => memory.buckets[bucket].get(key).cloned(),
        id => memory.history[&(bucket.to_owned(), key.to_owned())]
            .iter()
            .find(|(known, _)| known == id)
            .and_then(|(_, content)| content.clone()),
    };
    let Some(content) = content else { return error(404, "NoSuchKey") };
    put(memory, asked.bucket, &asked.key, content);
    wire::xml(200, "<CopyObjectResult><ETag>\"copied\"</ETag></CopyObjectResult>")
}
