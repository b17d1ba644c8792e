//! S3: uploads, their parts and their checksums.

use bytes::Bytes;
use nephoscope_aws::{
    Upload,
    replay::{Replay, ReplayRequest, ReplayResponse, wire},
};
use nephoscope_model::{ErrorCode, s3::UploadedPart};

use crate::{estate, place};

/// The CRC-32 of `123456789`.
const SUM: &str = "y/Q5Jg==";

fn upload() -> Upload {
    Upload {
        place: place(),
        bucket: "things".parse().unwrap(),
        key: "a b".to_owned(),
        content_type: Some("text/css".to_owned()),
        overwrite: false,
    }
}

fn with(mut response: ReplayResponse, name: &str, value: &str) -> ReplayResponse {
    response.headers.push((name.to_owned(), value.to_owned()));
    response
}

fn error(status: u16, code: &str) -> ReplayResponse {
    wire::xml(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
}

fn query(request: &ReplayRequest) -> &str {
    request.uri.split_once('?').map_or("", |(_, query)| query)
}

#[tokio::test]
async fn s3_verifies_each_part_and_makes_one_checksum_of_the_whole() {
    let replay = Replay::new(|request| {
        if request.method == "PUT" {
            assert!(query(request).contains("partNumber=1") && query(request).contains("uploadId=u%2B1"));
            assert_eq!(request.body, b"123456789");
            // Said or not, it goes along.
            assert_eq!(request.header("x-amz-checksum-crc32"), Some(SUM));
            return with(with(wire::xml(200, ""), "etag", "\"one\""), "x-amz-checksum-crc32", SUM);
        }
        if query(request).contains("uploadId") {
            assert_eq!(request.header("if-none-match"), Some("*"));
            assert!(
                request.text().contains(&format!("<ChecksumCRC32>{SUM}</ChecksumCRC32>")),
                "{}",
                request.text()
            );
            let made = format!("<ETag>\"all-1\"</ETag><ChecksumCRC32>{SUM}</ChecksumCRC32>");
            return wire::xml(
                200,
                format!("<CompleteMultipartUploadResult>{made}</CompleteMultipartUploadResult>"),
            );
        }
        assert_eq!(request.header("x-amz-checksum-algorithm"), Some("CRC32"));
        assert_eq!(request.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
        assert_eq!(request.header("content-type"), Some("text/css"));
        wire::xml(
            200,
            "<InitiateMultipartUploadResult><UploadId>u+1</UploadId></InitiateMultipartUploadResult>",
        )
    });
    let cloud = replay.cloud(estate()).await;
    let id = cloud.begin_upload(&upload()).await.unwrap();
    let content = Bytes::from_static(b"123456789");
    let part = cloud.upload_part(&upload(), &id, 1, content.clone(), Some(SUM)).await.unwrap();
    assert_eq!(part.checksum(), Some(SUM));
    cloud.upload_part(&upload(), &id, 1, content, None).await.unwrap();
    let made = cloud.complete_upload(&upload(), &id, vec![part], 9).await.unwrap();
    assert_eq!(made.checksum.as_deref(), Some("CRC32 y/Q5Jg=="));
}

#[tokio::test]
async fn what_was_damaged_on_its_way_is_to_be_sent_again() {
    let replay = Replay::new(|request| match query(request).contains("partNumber") {
        true => error(400, "BadDigest"),
        false => error(400, "XAmzContentChecksumMismatch"),
    });
    let cloud = replay.cloud(estate()).await;
    let content = Bytes::from_static(b"1");
    let part = cloud.upload_part(&upload(), "u", 1, content.clone(), Some(SUM)).await.unwrap_err();
    let whole = cloud.put_object(&upload(), content, Some(SUM)).await.unwrap_err();
    for error in [part, whole] {
        assert_eq!(error.code, ErrorCode::InvalidInput);
        assert!(error.hint.is_some_and(|hint| hint.contains("again")) && error.aws.is_some());
    }
}

#[tokio::test]
async fn parts_are_listed_to_the_end_and_in_their_order() {
    let replay = Replay::new(|request| {
        if query(request).contains("part-number-marker=2") {
            return wire::xml(
                200,
                "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>\
                 <Part><PartNumber>3</PartNumber><ETag>\"c\"</ETag><Size>5</Size></Part></ListPartsResult>",
            );
        }
        wire::xml(
            200,
            "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>\
             <Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag><Size>8388608</Size></Part>\
             <Part><PartNumber>1</PartNumber><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>\"a\"</ETag>\
             <Size>8388608</Size><ChecksumCRC32>y/Q5Jg==</ChecksumCRC32></Part></ListPartsResult>",
        )
    });
    let parts = replay.cloud(estate()).await.list_parts(&upload(), "u").await.unwrap();
    let told: Vec<UploadedPart> = parts.iter().map(nephoscope_aws::ListedPart::told).collect();
    let part = |number, size, checksum: Option<&str>| UploadedPart {
        number,
        size,
        checksum: checksum.map(str::to_owned),
    };
    assert_eq!(told, [part(1, 8 << 20, Some(SUM)), part(2, 8 << 20, None), part(3, 5, None)]);
    assert_eq!(parts[0].modified_at.map(|at| at.to_string()).as_deref(), Some("2026-01-02T03:04:05.000Z"));
    assert_eq!(replay.requests().len(), 2, "whoever goes on where it was is not asked for ever");
}

#[tokio::test]
async fn an_upload_that_is_not_under_way_is_not_found() {
    let replay = Replay::new(|_| error(404, "NoSuchUpload"));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.list_parts(&upload(), "u").await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(cloud.abort_upload(&upload(), "u").await.unwrap_err().code, ErrorCode::NotFound);
    let denied = Replay::new(|_| error(403, "AccessDenied")).cloud(estate()).await;
    let denied = denied.list_parts(&upload(), "u").await.unwrap_err();
    assert_eq!(denied.aws.unwrap().action.as_deref(), Some("s3:ListMultipartUploadParts"));
}

#[tokio::test]
async fn what_must_not_be_written_twice_is_sent_again_only_when_s3_took_nothing() {
    // An answer that was lost: the second attempt would find what the first wrote.
    let replay = Replay::new(|_| error(500, "InternalError"));
    let lost = replay.cloud(estate()).await.put_object(&upload(), Bytes::from_static(b"x"), None).await;
    assert_eq!(lost.unwrap_err().code, ErrorCode::AwsUnavailable);
    assert_eq!(replay.requests().len(), 1);
    let overwriting = Upload { overwrite: true, ..upload() };
    let lost = replay.cloud(estate()).await.put_object(&overwriting, Bytes::from_static(b"x"), None).await;
    assert_eq!(lost.unwrap_err().code, ErrorCode::AwsUnavailable);
    assert!(replay.requests().len() > 2, "what may be overwritten may be written twice");

    let replay = Replay::new({
        let asked = std::sync::atomic::AtomicUsize::new(0);
        move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => error(503, "SlowDown"),
            _ => with(wire::xml(200, ""), "etag", "\"one\""),
        }
    });
    let written = replay.cloud(estate()).await.put_object(&upload(), Bytes::from_static(b"x"), None).await;
    assert_eq!((written.unwrap().size, replay.requests().len()), (1, 2));
}

#[tokio::test]
async fn what_arrives_after_an_upload_was_given_up_is_given_up_too() {
    let replay = Replay::new({
        let listed = std::sync::atomic::AtomicUsize::new(0);
        move |request| {
            if request.method == "DELETE" {
                return wire::xml(204, "");
            }
            match listed.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => wire::xml(
                    200,
                    "<ListPartsResult><Part><PartNumber>7</PartNumber></Part></ListPartsResult>",
                ),
                _ => error(404, "NoSuchUpload"),
            }
        }
    });
    replay.cloud(estate()).await.abort_upload(&upload(), "u").await.unwrap();
    let methods: Vec<_> = replay.requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["DELETE", "GET", "DELETE", "GET"]);
}
