//! An S3 in memory: enough of it for buckets, objects and uploads in parts.

use std::collections::BTreeMap;

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use percent_encoding::percent_decode_str;

use crate::world::REGION;

/// What it holds.
#[derive(Default)]
pub(crate) struct Memory {
    /// Buckets, and their objects by key.
    pub(crate) buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// Uploads that are under way, with their parts by number.
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, usize>>,
    /// How many uploads were given up.
    pub(crate) aborted: usize,
    /// An operation that is denied.
    pub(crate) denied: Option<&'static str>,
    contents: BTreeMap<(String, u32), Vec<u8>>,
}

/// A request, taken apart.
struct Asked<'a> {
    method: &'a str,
    bucket: &'a str,
    key: String,
    query: BTreeMap<String, String>,
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
        Some(Self { method: &request.method, bucket, key: decode(path), query: pairs.collect() })
    }

    fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    /// What S3 calls it.
    fn operation(&self) -> &'static str {
        match (self.method, self.key.is_empty()) {
            ("GET", true) if self.bucket.is_empty() => "ListBuckets",
            ("GET", true) if self.has("list-type") => "ListObjectsV2",
            ("GET", true) => "GetBucketSomething",
            ("PUT", true) if self.query.is_empty() => "CreateBucket",
            ("PUT", true) => "PutBucketSomething",
            ("DELETE", true) => "DeleteBucket",
            ("GET", false) => "GetObject",
            ("PUT", false) if self.has("partNumber") => "UploadPart",
            ("PUT", false) => "PutObject",
            ("POST", false) if self.has("uploads") => "CreateMultipartUpload",
            ("POST", false) => "CompleteMultipartUpload",
            ("DELETE", false) if self.has("uploadId") => "AbortMultipartUpload",
            _ => "DeleteObject",
        }
    }
}

fn error(status: u16, code: &str) -> ReplayResponse {
    wire::xml(status, format!("<Error><Code>{code}</Code><Message>{code} happened</Message></Error>"))
}

fn with(mut response: ReplayResponse, name: &str, value: &str) -> ReplayResponse {
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
    Some(answer(memory, &asked, operation, request))
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
            memory.buckets.insert(bucket, BTreeMap::new());
            return wire::xml(200, "");
        }
        _ => {}
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
            wire::xml(200, "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>")
        }
        "GetBucketSomething" if asked.has("publicAccessBlock") => {
            error(404, "NoSuchPublicAccessBlockConfiguration")
        }
        "GetBucketSomething" if asked.has("tagging") => error(403, "AccessDenied"),
        "GetBucketSomething" if asked.has("policy") => error(404, "NoSuchBucketPolicy"),
        "GetBucketSomething" if asked.has("lifecycle") => error(404, "NoSuchLifecycleConfiguration"),
        "GetBucketSomething" => error(404, "ServerSideEncryptionConfigurationNotFoundError"),
        "DeleteBucket" if !objects.is_empty() => error(409, "BucketNotEmpty"),
        "DeleteBucket" => {
            memory.buckets.remove(&bucket);
            wire::xml(204, "")
        }
        "ListObjectsV2" => list(objects, asked),
        "GetObject" => match objects.get(&asked.key) {
            None => error(404, "NoSuchKey"),
            Some(content) if request.header("range") == Some("bytes=1-2") => {
                let part = content[1..3].to_vec();
                let range = format!("bytes 1-2/{}", content.len());
                let response = wire::xml(206, part);
                with(with(response, "content-range", &range), "content-length", "2")
            }
            Some(_) if request.header("range") == Some("bytes=99-") => error(416, "InvalidRange"),
            Some(content) => {
                let length = content.len().to_string();
                with(with(wire::xml(200, content.clone()), "etag", "\"abc\""), "content-length", &length)
            }
        },
        "PutObject" if precondition => error(412, "PreconditionFailed"),
        "PutObject" => {
            objects.insert(asked.key.clone(), request.body.clone());
            with(wire::xml(200, ""), "etag", "\"of-one\"")
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
        "UploadPart" => {
            let number: u32 = asked.query["partNumber"].parse().expect("a number");
            let Some(parts) = memory.uploads.get_mut(&upload) else { return error(404, "NoSuchUpload") };
            parts.insert(number, request.body.len());
            memory.contents.insert((upload, number), request.body.clone());
            with(wire::xml(200, ""), "etag", &format!("\"part-{number}\""))
        }
        "CompleteMultipartUpload" => {
            if precondition {
                return error(412, "PreconditionFailed");
            }
            let Some(parts) = memory.uploads.remove(&upload) else { return error(404, "NoSuchUpload") };
            let content: Vec<u8> =
                parts.keys().flat_map(|number| memory.contents[&(upload.clone(), *number)].clone()).collect();
            objects.insert(asked.key.clone(), content);
            wire::xml(
                200,
                "<CompleteMultipartUploadResult><ETag>\"of-parts\"</ETag></CompleteMultipartUploadResult>",
            )
        }
        "AbortMultipartUpload" => {
            memory.uploads.remove(&upload);
            memory.aborted += 1;
            wire::xml(204, "")
        }
        _ => {
            objects.remove(&asked.key);
            wire::xml(204, "")
        }
    }
}

/// One level of a bucket, a page at a time.
fn list(objects: &BTreeMap<String, Vec<u8>>, asked: &Asked<'_>) -> ReplayResponse {
    let prefix = asked.query.get("prefix").cloned().unwrap_or_default();
    let limit: usize = asked.query["max-keys"].parse().expect("a number");
    let after = asked.query.get("continuation-token").cloned().unwrap_or_default();
    let mut entries: Vec<String> = Vec::new();
    for (key, content) in objects.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)) {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let entry = match key[prefix.len()..].split_once('/') {
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
