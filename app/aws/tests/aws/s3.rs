//! S3: many objects at once, versions, copies, links, tags.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use nephoscope_aws::{
    AccountConfig, ObjectCopy, Upload,
    replay::{Replay, ReplayRequest, ReplayResponse, wire},
};
use nephoscope_model::{
    ErrorCode, Timestamp,
    ec2::Tag,
    s3::{BucketEncryption, BucketName, NewBucket, ObjectDetails, ObjectTarget},
};
use secrecy::ExposeSecret as _;

use crate::{credentials::role, estate, place};

fn bucket() -> BucketName {
    "things".parse().unwrap()
}

/// The path and the query, as they go out.
fn path(request: &ReplayRequest) -> &str {
    request.uri.split_once(".amazonaws.com").unwrap().1
}

fn error(status: u16, code: &str) -> ReplayResponse {
    wire::xml(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
}

fn target(key: &str, version: Option<&str>) -> ObjectTarget {
    ObjectTarget { key: key.to_owned(), version_id: version.map(str::to_owned) }
}

#[tokio::test]
async fn of_many_each_tells_what_became_of_it_and_a_busy_s3_is_asked_again() {
    let asked = AtomicUsize::new(0);
    let replay = Replay::new(move |request| {
        if request.method == "DELETE" {
            return wire::xml(204, "");
        }
        assert!(request.text().contains("<Quiet>true</Quiet>"));
        if asked.fetch_add(1, Ordering::SeqCst) > 0 {
            assert!(!request.text().contains("locked") && request.text().contains("<Key>busy</Key>"));
            return wire::xml(200, "<DeleteResult/>");
        }
        assert!(
            request.text().contains("<Key>a&amp;b&lt;</Key><VersionId>7</VersionId>"),
            "{}",
            request.text()
        );
        assert!(!request.text().contains(">z"), "XML cannot hold it: {}", request.text());
        let error = |key: &str, code: &str| {
            format!("<Error><Key>{key}</Key><Code>{code}</Code><Message>because</Message></Error>")
        };
        let errors = error("locked", "AccessDenied") + &error("busy", "SlowDown");
        wire::xml(200, format!("<DeleteResult>{errors}</DeleteResult>"))
    });
    let targets =
        [target("a&b<", Some("7")), target("locked", None), target("z\u{1}", None), target("busy", None)];
    let cloud = replay.cloud(estate()).await;
    let results = cloud.delete_objects(&place(), &bucket(), &targets).await.unwrap();
    let keys: Vec<_> = results.iter().map(|it| (it.key.as_str(), it.error.is_none())).collect();
    assert_eq!(keys, [("a&b<", true), ("locked", false), ("z\u{1}", true), ("busy", true)]);
    let denied = results[1].error.as_ref().unwrap();
    assert_eq!(denied.code, ErrorCode::AwsDenied);
    assert_eq!(denied.aws.as_ref().unwrap().action.as_deref(), Some("s3:DeleteObject"));
    let alone = replay.requests().into_iter().find(|request| request.method == "DELETE").unwrap();
    assert!(path(&alone).starts_with("/z%01"), "{}", alone.uri);
}

#[tokio::test]
async fn an_error_that_names_only_the_key_counts_for_all_its_versions() {
    let error = "<Error><Key>a</Key><Code>AccessDenied</Code><Message>because</Message></Error>";
    let replay = Replay::new(move |_| wire::xml(200, format!("<DeleteResult>{error}</DeleteResult>")));
    let targets = [target("a", Some("1")), target("a", Some("2")), target("b", Some("3"))];
    let results = replay.cloud(estate()).await.delete_objects(&place(), &bucket(), &targets).await.unwrap();
    let gone: Vec<_> = results.iter().map(|it| it.error.is_none()).collect();
    assert_eq!(gone, [false, false, true], "nobody is told that something is gone which is not");
}

#[tokio::test]
async fn versions_and_marks_are_one_list_and_both_markers_go_on() {
    let replay = Replay::new(|request| {
        if path(request).contains("key-marker") {
            let query = path(request);
            assert!(query.contains("key-marker=a%2Fb") && query.contains("version-id-marker=v9"), "{query}");
            return wire::xml(
                200,
                "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>",
            );
        }
        wire::xml(
            200,
            "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
             <NextKeyMarker>a%2Fb</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>\
             <Version><Key>a+%2B</Key><VersionId>1</VersionId><IsLatest>false</IsLatest><Size>5</Size>\
             <LastModified>2026-01-01T00:00:00Z</LastModified></Version>\
             <Version><Key>b</Key><VersionId>null</VersionId><IsLatest>true</IsLatest></Version>\
             <DeleteMarker><Key>a+%2B</Key><VersionId>2</VersionId><IsLatest>true</IsLatest>\
             <LastModified>2026-01-02T00:00:00Z</LastModified></DeleteMarker>\
             <CommonPrefixes><Prefix>x%2F</Prefix></CommonPrefixes></ListVersionsResult>",
        )
    });
    let cloud = replay.cloud(estate()).await;
    let page = cloud.list_object_versions(&place(), &bucket(), "", true, None, 100).await.unwrap();
    let seen: Vec<_> =
        page.versions.iter().map(|it| (&*it.key, &*it.version_id, it.is_delete_marker)).collect();
    assert_eq!(seen, [("a +", "2", true), ("a +", "1", false), ("b", "null", false)]);
    assert_eq!(page.folders, ["x/"]);
    let next = page.next.unwrap();
    let last = cloud.list_object_versions(&place(), &bucket(), "", true, Some(&next), 100).await.unwrap();
    assert_eq!(last.next, None);
}

#[tokio::test]
async fn a_head_without_words_is_explained_by_the_content() {
    let replay = Replay::new(|request| match request.method.as_str() {
        "HEAD" => wire::xml(403, ""),
        _ => wire::xml(
            403,
            "<Error><Code>AccessDenied</Code><Message>User is not authorized to perform: s3:GetObject on resource: x</Message></Error>",
        ),
    });
    let cloud = replay.cloud(estate()).await;
    let denied = cloud.get_object(&place(), &bucket(), "a", None).await.unwrap_err();
    assert_eq!(denied.code, ErrorCode::AwsDenied);
    assert_eq!(denied.aws.unwrap().action.as_deref(), Some("s3:GetObject"));
}

#[tokio::test]
async fn tags_that_are_denied_hide_nothing_else() {
    let replay = Replay::new(|request| {
        if path(request).contains("tagging") {
            return error(403, "AccessDenied");
        }
        let mut head = wire::xml(200, "");
        for (name, value) in [("content-length", "7"), ("x-amz-meta-a", "b"), ("x-amz-version-id", "v1")] {
            head.headers.push((name.to_owned(), value.to_owned()));
        }
        head
    });
    let cloud = replay.cloud(estate()).await;
    let details = cloud.get_object(&place(), &bucket(), "a", Some("v1")).await.unwrap();
    assert_eq!((details.size, details.version_id.as_deref()), (7, Some("v1")));
    assert_eq!(details.metadata.get("a").map(String::as_str), Some("b"));
    assert_eq!(details.untold[0].error.code, ErrorCode::AwsDenied);
    assert!(replay.requests().iter().all(|request| path(request).contains("versionId=v1")));
}

fn copy(to: &str, source: ObjectDetails) -> ObjectCopy {
    let to =
        Upload { place: place(), bucket: bucket(), key: to.to_owned(), content_type: None, overwrite: false };
    ObjectCopy { source, version: None, to }
}

fn source() -> ObjectDetails {
    ObjectDetails {
        key: "/ü +/a".to_owned(),
        size: 6 << 30,
        etag: Some("abc".to_owned()),
        content_type: Some("text/css".to_owned()),
        storage_class: Some("STANDARD_IA".to_owned()),
        encryption: Some("aws:kms".to_owned()),
        kms_key: Some("key-1".to_owned()),
        metadata: [("who".to_owned(), "me".to_owned())].into(),
        tags: vec![Tag { key: "a b".to_owned(), value: "c&d".to_owned() }],
        ..ObjectDetails::default()
    }
}

#[tokio::test]
async fn a_copy_names_its_source_and_keeps_what_belongs_to_it() {
    let replay = Replay::new(|request| {
        assert_eq!(request.header("x-amz-copy-source"), Some("things//%C3%BC%20%2B/a?versionId=v%2B1"));
        assert_eq!(request.header("x-amz-metadata-directive"), Some("COPY"));
        assert_eq!(request.header("x-amz-tagging-directive"), Some("COPY"));
        assert_eq!(request.header("x-amz-storage-class"), Some("STANDARD_IA"));
        assert_eq!(request.header("x-amz-server-side-encryption-aws-kms-key-id"), Some("key-1"));
        assert_eq!(request.header("if-none-match"), Some("*"));
        match path(request) {
            "/broken?x-id=CopyObject" => wire::xml(200, "<CopyObjectResult></CopyObjectResult>"),
            "/taken?x-id=CopyObject" => error(412, "PreconditionFailed"),
            _ => wire::xml(200, "<CopyObjectResult><ETag>\"new\"</ETag></CopyObjectResult>"),
        }
    });
    let cloud = replay.cloud(estate()).await;
    let made = |to: &str| ObjectCopy { version: Some("v+1".to_owned()), ..copy(to, source()) };
    assert_eq!(cloud.copy_object(&made("b")).await.unwrap().etag.as_deref(), Some("new"));
    assert_eq!(cloud.copy_object(&made("taken")).await.unwrap_err().code, ErrorCode::Conflict);
    let broken = cloud.copy_object(&made("broken")).await.unwrap_err();
    assert_eq!(broken.code, ErrorCode::AwsUnavailable, "an answer of 200 is not yet a copy");
}

#[tokio::test]
async fn a_large_copy_is_made_of_parts_with_all_that_belongs_to_it() {
    let replay = Replay::new(|request| {
        if path(request).contains("uploads") {
            assert_eq!(request.header("x-amz-tagging"), Some("a%20b=c%26d"));
            assert_eq!(request.header("x-amz-meta-who"), Some("me"));
            assert_eq!(request.header("content-type"), Some("text/css"));
            assert_eq!(request.header("x-amz-storage-class"), Some("STANDARD_IA"));
            let begun =
                "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
            return wire::xml(200, begun);
        }
        if request.method == "PUT" {
            assert_eq!(request.header("x-amz-copy-source-range"), Some("bytes=0-9"));
            assert_eq!(request.header("x-amz-copy-source-if-match"), Some("\"abc\""));
            return wire::xml(200, "<CopyPartResult><ETag>\"part\"</ETag></CopyPartResult>");
        }
        assert_eq!(request.header("if-none-match"), Some("*"));
        assert!(
            request.text().contains("<ETag>&quot;part&quot;</ETag>")
                || request.text().contains("<ETag>\"part\"</ETag>")
        );
        wire::xml(200, "<CompleteMultipartUploadResult><ETag>\"all\"</ETag></CompleteMultipartUploadResult>")
    });
    let (cloud, copy) = (replay.cloud(estate()).await, copy("b", source()));
    let id = cloud.begin_copy(&copy).await.unwrap();
    let part = cloud.copy_part(&copy, &id, 1, (0, 9)).await.unwrap();
    let made = cloud.complete_upload(&copy.to, &id, vec![part], 10).await.unwrap();
    assert_eq!((made.etag.as_deref(), made.size), (Some("all"), 10));
}

#[tokio::test]
async fn a_link_with_a_key_lives_as_long_as_is_wished_and_signs_no_header() {
    let replay = Replay::new(|_| -> ReplayResponse { panic!("signing asks nobody") });
    let week = Duration::from_secs(604_800);
    let cloud = replay.cloud(estate()).await;
    let link = cloud.sign_link(&place(), &bucket(), "../ü +", Some("v1"), week).await.unwrap();
    let url = link.url.expose_secret();
    assert!(url.starts_with("https://things.s3.eu-west-1.amazonaws.com/../%C3%BC%20%2B?"), "{url}");
    assert!(url.contains("X-Amz-Expires=604800") && url.contains("X-Amz-SignedHeaders=host"), "{url}");
    assert!(url.contains("versionId=v1") && !url.contains("checksum"), "{url}");
    assert!(!link.ends_with_credentials && !format!("{link:?}").contains("https"));
}

#[tokio::test]
async fn a_link_ends_with_the_session_that_signed_it() {
    let until = |end: Timestamp| {
        let replay = Replay::new(move |_| wire::assumed_role("AKIDSESSION", &end.to_string()));
        let role = role("arn:aws:iam::111111111111:role/viewer", None, None);
        let accounts = vec![AccountConfig::new(estate().remove(0), role)];
        async move {
            let cloud = replay.builder(vec![]).accounts(accounts).build().await;
            let lifetime = Duration::from_secs(86_400);
            cloud.sign_link(&place(), &bucket(), "a", None, lifetime).await
        }
    };
    let end = Timestamp::now().plus_millis(3_600_000);
    let link = until(end).await.unwrap();
    assert!(link.ends_with_credentials);
    assert!(link.expires_at <= end.plus_millis(1_000) && link.expires_at > end.plus_millis(-10_000));
    assert!(link.url.expose_secret().contains("X-Amz-Security-Token="));
    let soon = until(Timestamp::now().plus_millis(30_000)).await.unwrap_err();
    assert_eq!(soon.code, ErrorCode::AwsCredentials);
}

#[tokio::test]
async fn tags_of_a_bucket_are_replaced_or_removed() {
    let replay = Replay::new(|request| match request.method.as_str() {
        "GET" => error(404, "NoSuchTagSet"),
        "PUT" => {
            assert!(
                request.text().contains("<Tag><Key>a&lt;</Key><Value>b</Value></Tag>"),
                "{}",
                request.text()
            );
            wire::xml(204, "")
        }
        "DELETE" => wire::xml(204, ""),
        other => panic!("{other} is not played"),
    });
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.bucket_tags(&place(), &bucket()).await.unwrap(), []);
    let tag = Tag { key: "a<".to_owned(), value: "b".to_owned() };
    cloud.set_bucket_tags(&place(), &bucket(), &[tag]).await.unwrap();
    cloud.set_bucket_tags(&place(), &bucket(), &[]).await.unwrap();
    let methods: Vec<_> = replay.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["GET", "PUT", "DELETE"]);
}

#[tokio::test]
async fn a_new_bucket_is_encrypted_with_the_key_that_was_chosen() {
    for (encryption, key, wanted) in [
        (BucketEncryption::S3, None, None),
        (
            BucketEncryption::Kms,
            None,
            Some("<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"),
        ),
        (BucketEncryption::Kms, Some("alias/files"), Some("<KMSMasterKeyID>alias/files</KMSMasterKeyID>")),
    ] {
        let replay = Replay::new(|_| wire::xml(200, ""));
        let cloud = replay.cloud(estate()).await;
        let kms_key = key.map(str::to_owned);
        let new =
            NewBucket { name: bucket(), versioning: false, block_public_access: true, encryption, kms_key };
        cloud.create_bucket(&place(), &new).await.unwrap();
        let asked: Vec<_> =
            replay.requests().into_iter().filter(|it| path(it).contains("encryption")).collect();
        assert_eq!(asked.len(), usize::from(wanted.is_some()));
        if let (Some(asked), Some(wanted)) = (asked.first(), wanted) {
            assert!(asked.text().contains(wanted), "{}", asked.text());
            assert!(asked.text().contains("<BucketKeyEnabled>true</BucketKeyEnabled>"), "{}", asked.text());
        }
    }
}
