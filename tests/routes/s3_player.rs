//! An S3 in memory: enough of it for buckets, objects and uploads in parts.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use nephoscope_model::{Timestamp, s3::Crc32};
use percent_encoding::percent_decode_str;

use crate::{s3_history, world::REGION};

/// What it holds.
#[derive(Default)]
pub(crate) struct Memory {
    /// Buckets, and their objects by key.
    pub(crate) buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// Uploads that are under way, with their parts by number.
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, usize>>,
    /// How many uploads were given up.
    pub(crate) aborted: usize,
    /// An operation that is done once without an answer that anybody gets.
    pub(crate) lost: Option<&'static str>,
    /// Keys of objects that are archived.
    pub(crate) archived: BTreeSet<String>,
    /// Of how many parts objects were made.
    pub(crate) made_of: BTreeMap<String, usize>,
    /// Whether the access control lists of buckets let everybody in.
    pub(crate) granted: bool,
    /// An operation that is denied.
    pub(crate) denied: Option<&'static str>,
    /// Buckets that keep versions.
    pub(crate) versioned: BTreeSet<String>,
    /// The versions in them, by bucket and key.
    pub(crate) history: BTreeMap<(String, String), Vec<s3_history::Version>>,
    /// How many versions were made.
    pub(crate) number: usize,
    /// Keys that cannot be deleted.
    pub(crate) locked: BTreeSet<String>,
    /// How often many objects were deleted with one call.
    pub(crate) batches: usize,
    /// Which bytes were copied as parts.
    pub(crate) copied: Vec<String>,
    /// Whether lists of versions never end.
    pub(crate) endless: bool,
    /// Tags of buckets; those of others are not told.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// When parts were written, as far as they tell; very long ago otherwise.
    pub(crate) parts_written: Timestamp,
    contents: BTreeMap<(String, u32), Vec<u8>>,
}

/// A request, taken apart.
pub(crate) struct Asked<'a> {
    method: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) key: String,
    pub(crate) query: BTreeMap<String, String>,
    /// Whether the content comes from another object.
    is_copy: bool,
}

impl<'a> Asked<'a> {
    /// Nothing when it is for another service.
    fn read(request: &'a ReplayRequest) -> Option<Self> {
        let (_, rest) = request.uri.split_once("://")?;
        let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let own = format!("s3.{REGION}.amazonaws.com");
        let bucket = if host == own { "" } else { host.strip_suffix(&format!(".{own}"))? };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        let is_copy = request.header("x-amz-copy-source").is_some();
        Some(Self { method: &request.method, bucket, key: decode(path), query: pairs.collect(), is_copy })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    /// What S3 calls it.
    fn operation(&self) -> &'static str {
        match (self.method, self.key.is_empty()) {
            ("GET", true) if self.bucket.is_empty() => "ListBuckets",
            ("GET", true) if self.has("list-type") => "ListObjectsV2",
            ("GET", true) if self.has("versions") => "ListObjectVersions",
            ("GET", true) if self.has("uploads") => "ListMultipartUploads",
            ("GET", true) if self.has("tagging") => "GetBucketTagging",
            ("PUT", true) if self.has("tagging") => "PutBucketTagging",
            ("DELETE", true) if self.has("tagging") => "DeleteBucketTagging",
            ("POST", true) if self.has("delete") => "DeleteObjects",
            ("GET", true) => "GetBucketSomething",
            ("PUT", true) if self.query.is_empty() => "CreateBucket",
            ("PUT", true) => "PutBucketSomething",
            ("DELETE", true) => "DeleteBucket",
            ("HEAD", false) => "HeadObject",
            ("GET", false) if self.has("tagging") => "GetObjectTagging",
            ("GET", false) if self.has("uploadId") => "ListParts",
            ("GET", false) => "GetObject",
            ("PUT", false) if self.is_copy && self.has("partNumber") => "UploadPartCopy",
            ("PUT", false) if self.is_copy => "CopyObject",
            ("PUT", false) if self.has("partNumber") => "UploadPart",
            ("PUT", false) => "PutObject",
            ("POST", false) if self.has("uploads") => "CreateMultipartUpload",
            ("POST", false) => "CompleteMultipartUpload",
            ("DELETE", false) if self.has("uploadId") => "AbortMultipartUpload",
            _ => "DeleteObject",
        }
    }
}

pub(crate) fn error(status: u16, code: &str) -> ReplayResponse {
    wire::xml(status, format!("<Error><Code>{code}</Code><Message>{code} happened</Message></Error>"))
}

pub(crate) fn with(mut response: ReplayResponse, name: &str, value: &str) -> ReplayResponse {
    response.headers.push((name.to_owned(), value.to_owned()));
    response
}

/// The answer, if the request is for S3.
pub(crate) fn play(memory: &mut Memory, request: &ReplayRequest) -> Option<ReplayResponse> {
    let asked = Asked::read(request)?;
    let operation = asked.operation();
    if memory.denied == Some(operation) {
        return Some(error(403, "AccessDenied"));
    }
    let answer = answer(memory, &asked, operation, request);
    if memory.lost == Some(operation) {
        memory.lost = None;
        return Some(error(500, "InternalError"));
    }
    Some(answer)
}

fn answer(
    memory: &mut Memory,
    asked: &Asked<'_>,
    operation: &str,
    request: &ReplayRequest,
) -> ReplayResponse {
    let bucket = asked.bucket.to_owned();
    match operation {
        "ListBuckets" => {
            let buckets: String = memory
                .buckets
                .keys()
                .map(|name| {
                    format!("<Bucket><Name>{name}</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate><BucketRegion>{REGION}</BucketRegion></Bucket>")
                })
                .collect();
            return wire::xml(
                200,
                format!("<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>"),
            );
        }
        "CreateBucket" => {
            if bucket == "taken-by-others" {
                return error(409, "BucketAlreadyExists");
            }
            if memory.buckets.contains_key(&bucket) {
                return error(409, "BucketAlreadyOwnedByYou");
            }
            memory.buckets.insert(bucket, BTreeMap::new());
            return wire::xml(200, "");
        }
        _ => {}
    }
    if !memory.buckets.contains_key(&bucket) {
        return error(404, "NoSuchBucket");
    }
    if let Some(answer) = s3_history::play(memory, asked, operation, request) {
        return answer;
    }
    let Some(objects) = memory.buckets.get_mut(&bucket) else { return error(404, "NoSuchBucket") };
    let upload = asked.query.get("uploadId").cloned().unwrap_or_default();
    let precondition = request.header("if-none-match") == Some("*") && objects.contains_key(&asked.key);
    match operation {
        "PutBucketSomething" => wire::xml(200, ""),
        "GetBucketSomething" if asked.has("versioning") => {
            wire::xml(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        }
        "GetBucketSomething" if asked.has("policyStatus") => {
            let public = !memory.granted;
            wire::xml(200, format!("<PolicyStatus><IsPublic>{public}</IsPublic></PolicyStatus>"))
        }
        "GetBucketSomething" if asked.has("acl") => {
            let group = "http://acs.amazonaws.com/groups/global/AllUsers";
            let grant = format!(
                "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"><URI>{group}</URI></Grantee>\
                 <Permission>READ</Permission></Grant>"
            );
            let grants = if memory.granted { grant } else { String::new() };
            wire::xml(
                200,
                format!(
                    "<AccessControlPolicy><AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
                ),
            )
        }
        "GetBucketSomething" if asked.has("publicAccessBlock") => {
            error(404, "NoSuchPublicAccessBlockConfiguration")
        }
        "GetBucketSomething" if asked.has("policy") => error(404, "NoSuchBucketPolicy"),
        "GetBucketSomething" if asked.has("lifecycle") => error(404, "NoSuchLifecycleConfiguration"),
        "GetBucketSomething" => error(404, "ServerSideEncryptionConfigurationNotFoundError"),
        "DeleteBucket" if !objects.is_empty() => error(409, "BucketNotEmpty"),
        "DeleteBucket" => {
            memory.buckets.remove(&bucket);
            wire::xml(204, "")
        }
        "ListObjectsV2" => list(objects, asked),
        "GetObject" if memory.archived.contains(&asked.key) => error(403, "InvalidObjectState"),
        "GetObject" => match objects.get(&asked.key) {
            None => error(404, "NoSuchKey"),
            Some(content) if request.header("range").is_some() => part(content, request),
            Some(content) => {
                let length = content.len().to_string();
                with(with(wire::xml(200, content.clone()), "etag", "\"abc\""), "content-length", &length)
            }
        },
        "PutObject" | "UploadPart" if is_damaged(request) => error(400, "BadDigest"),
        "PutObject" if precondition => error(412, "PreconditionFailed"),
        "PutObject" => {
            s3_history::put(memory, &bucket, &asked.key, request.body.clone());
            with(with(wire::xml(200, ""), "etag", "\"of-one\""), CRC32, &crc32(&request.body))
        }
        "CreateMultipartUpload" => {
            let id = format!("upload-{}", memory.uploads.len() + 1);
            memory.uploads.insert(id.clone(), BTreeMap::new());
            wire::xml(
                200,
                format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                ),
            )
        }
        "UploadPartCopy" => {
            let number: u32 = asked.query["partNumber"].parse().expect("a number");
            memory.copied.push(request.header("x-amz-copy-source-range").unwrap_or_default().to_owned());
            memory.uploads.entry(upload.clone()).or_default().insert(number, 0);
            memory.contents.insert((upload, number), vec![b'0'; 1]);
            wire::xml(200, format!("<CopyPartResult><ETag>\"part-{number}\"</ETag></CopyPartResult>"))
        }
        "UploadPart" => {
            let number: u32 = asked.query["partNumber"].parse().expect("a number");
            let Some(parts) = memory.uploads.get_mut(&upload) else { return error(404, "NoSuchUpload") };
            parts.insert(number, request.body.len());
            memory.contents.insert((upload, number), request.body.clone());
            let answer = with(wire::xml(200, ""), "etag", &format!("\"part-{number}\""));
            with(answer, CRC32, &crc32(&request.body))
        }
        "ListParts" => {
            let Some(parts) = memory.uploads.get(&upload) else { return error(404, "NoSuchUpload") };
            let modified = memory.parts_written;
            let after: u32 =
                asked.query.get("part-number-marker").map_or(0, |it| it.parse().expect("a number"));
            // Two at a time, so that lists have several pages.
            let page: Vec<_> = parts.range(after + 1..).take(2).collect();
            let more = page.last().filter(|(last, _)| parts.range(**last + 1..).next().is_some());
            let more = more.map_or_else(String::new, |(last, _)| {
                format!("<IsTruncated>true</IsTruncated><NextPartNumberMarker>{last}</NextPartNumberMarker>")
            });
            let part = |(number, size): &(&u32, &usize)| {
                let sum = crc32(&memory.contents[&(upload.clone(), **number)]);
                format!(
                    "<Part><PartNumber>{number}</PartNumber><LastModified>{modified}</LastModified>\
                     <ETag>\"part-{number}\"</ETag><Size>{size}</Size><ChecksumCRC32>{sum}</ChecksumCRC32></Part>"
                )
            };
            let parts: String = page.iter().map(part).collect();
            wire::xml(200, format!("<ListPartsResult>{more}{parts}</ListPartsResult>"))
        }
        "CompleteMultipartUpload" => {
            if precondition {
                return error(412, "PreconditionFailed");
            }
            let Some(parts) = memory.uploads.remove(&upload) else { return error(404, "NoSuchUpload") };
            let content: Vec<u8> =
                parts.keys().flat_map(|number| memory.contents[&(upload.clone(), *number)].clone()).collect();
            let sum = crc32(&content);
            objects.insert(asked.key.clone(), content);
            memory.made_of.insert(asked.key.clone(), parts.len());
            wire::xml(
                200,
                format!(
                    "<CompleteMultipartUploadResult><ETag>\"of-parts\"</ETag><ChecksumCRC32>{sum}</ChecksumCRC32>\
                     </CompleteMultipartUploadResult>"
                ),
            )
        }
        "AbortMultipartUpload" => {
            if memory.uploads.remove(&upload).is_none() {
                return error(404, "NoSuchUpload");
            }
            memory.aborted += 1;
            wire::xml(204, "")
        }
        other => error(400, other),
    }
}

const CRC32: &str = "x-amz-checksum-crc32";

pub(crate) fn crc32(content: &[u8]) -> String {
    let mut crc = Crc32::default();
    crc.update(content);
    crc.text()
}

/// Whether the content is not what its checksum is of.
fn is_damaged(request: &ReplayRequest) -> bool {
    request.header(CRC32).is_some_and(|sum| sum != crc32(&request.body))
}

/// A range of bytes with both ends, or from one on.
fn part(content: &[u8], request: &ReplayRequest) -> ReplayResponse {
    let range = request.header("range").and_then(|range| range.strip_prefix("bytes=")).expect("a range");
    let (from, to) = range.split_once('-').expect("two ends");
    let from: usize = from.parse().expect("a number");
    if from >= content.len() {
        return error(416, "InvalidRange");
    }
    let last = to.parse().unwrap_or(usize::MAX).min(content.len() - 1);
    let range = format!("bytes {from}-{last}/{}", content.len());
    let part = content[from..=last].to_vec();
    let length = part.len().to_string();
    let answer = with(with(wire::xml(206, part), "content-range", &range), "content-length", &length);
    with(answer, "etag", "\"abc\"")
}

/// One level of a bucket or all of it, a page at a time.
fn list(objects: &BTreeMap<String, Vec<u8>>, asked: &Asked<'_>) -> ReplayResponse {
    let prefix = asked.query.get("prefix").cloned().unwrap_or_default();
    let limit: usize = asked.query["max-keys"].parse().expect("a number");
    let after = asked.query.get("continuation-token").cloned().unwrap_or_default();
    let mut entries: Vec<String> = Vec::new();
    for (key, content) in objects.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)) {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        if asked.query.get("start-after").is_some_and(|after| key <= after) {
            continue;
        }
        let entry = match key[prefix.len()..].split_once('/').filter(|_| asked.has("delimiter")) {
            Some((folder, _)) => {
                format!(
                    "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>",
                    encode(&format!("{prefix}{folder}/"))
                )
            }
            None => format!("<Contents><Key>{}</Key><Size>{}</Size></Contents>", encode(key), content.len()),
        };
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    let start: usize = after.parse().unwrap_or(0);
    let page = entries.iter().skip(start).take(limit).cloned().collect::<String>();
    let next = start + limit;
    let more = if next < entries.len() {
        format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>")
    } else {
        "<IsTruncated>false</IsTruncated>".to_owned()
    };
    wire::xml(
        200,
        format!("<ListBucketResult><EncodingType>url</EncodingType>{more}{page}</ListBucketResult>"),
    )
}
