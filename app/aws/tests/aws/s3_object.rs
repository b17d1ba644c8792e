//! S3: what it answers of objects that are not as most are.

use nephoscope_aws::replay::{Replay, ReplayResponse, wire};
use nephoscope_model::{
    Error, ErrorCode, Timestamp,
    s3::{BucketName, ObjectDetails},
};

use crate::{estate, place};

fn bucket() -> BucketName {
    "things".parse().unwrap()
}

/// What is read of an object that S3 describes with these headers.
async fn object(headers: &'static [(&'static str, &'static str)]) -> ObjectDetails {
    let replay = Replay::new(move |request| {
        let mut answer = wire::xml(200, "<Tagging><TagSet/></Tagging>");
        if request.method == "HEAD" {
            answer = wire::xml(200, "");
            answer.headers.extend(headers.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        }
        answer
    });
    replay.cloud(estate()).await.get_object(&place(), &bucket(), "a", None).await.unwrap()
}

fn at(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).ok()
}

#[tokio::test]
async fn an_archived_object_is_one_until_it_was_restored() {
    const CLASS: (&str, &str) = ("x-amz-storage-class", "GLACIER");
    let archived = object(&[CLASS]).await;
    assert!(archived.is_archived && !archived.is_being_restored);
    let under_way = object(&[CLASS, ("x-amz-restore", "ongoing-request=\"true\"")]).await;
    assert!(under_way.is_archived && under_way.is_being_restored);
    let restored = object(&[
        CLASS,
        ("x-amz-restore", "ongoing-request=\"false\", expiry-date=\"Fri, 04 Dec 2026 00:00:00 GMT\""),
    ])
    .await;
    assert!(!restored.is_archived && !restored.is_being_restored);
    assert_eq!(restored.restored_until, at("2026-12-04T00:00:00Z"));
    assert!(object(&[("x-amz-storage-class", "DEEP_ARCHIVE")]).await.is_archived);
    assert!(!object(&[("x-amz-storage-class", "GLACIER_IR")]).await.is_archived);
    // Intelligent tiering archives by itself what nobody reads.
    let tiered =
        object(&[("x-amz-storage-class", "INTELLIGENT_TIERING"), ("x-amz-archive-status", "ARCHIVE_ACCESS")]);
    assert!(tiered.await.is_archived);
}

#[tokio::test]
async fn what_locks_an_object_and_what_a_rule_will_do_to_it_are_told() {
    let object = object(&[
        ("x-amz-object-lock-mode", "COMPLIANCE"),
        ("x-amz-object-lock-retain-until-date", "2030-01-02T03:04:05Z"),
        ("x-amz-object-lock-legal-hold", "ON"),
        ("x-amz-expiration", "expiry-date=\"Fri, 04 Dec 2026 00:00:00 GMT\", rule-id=\"old%20ones\""),
        ("x-amz-replication-status", "FAILED"),
        ("x-amz-website-redirect-location", "/elsewhere"),
    ])
    .await;
    assert_eq!((object.lock_mode.as_deref(), object.legal_hold), (Some("COMPLIANCE"), true));
    assert_eq!(object.locked_until, at("2030-01-02T03:04:05Z"));
    assert_eq!(
        (object.expires_at, object.expires_by.as_deref()),
        (at("2026-12-04T00:00:00Z"), Some("old ones"))
    );
    assert_eq!(
        (object.replication.as_deref(), object.redirect.as_deref()),
        (Some("FAILED"), Some("/elsewhere"))
    );
}

/// What people are told when S3 refuses so.
async fn refusal(status: u16, code: &'static str, message: &'static str) -> Error {
    let answer = move |_: &_| -> ReplayResponse {
        wire::xml(status, format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
    };
    let cloud = Replay::new(answer).cloud(estate()).await;
    cloud.delete_version(&place(), &bucket(), "a", "7").await.unwrap_err()
}

#[tokio::test]
async fn of_what_is_locked_no_permission_is_missing_and_what_is_archived_must_be_restored() {
    let locked = refusal(403, "AccessDenied", "Access Denied because object protected by object lock.").await;
    assert_eq!(locked.code, ErrorCode::Conflict);
    assert!(locked.hint.as_ref().unwrap().contains("retention"), "{locked:?}");
    let denied = refusal(403, "AccessDenied", "Access Denied").await;
    assert_eq!(denied.code, ErrorCode::AwsDenied);
    let archived =
        refusal(403, "InvalidObjectState", "The operation is not valid for the object's storage class").await;
    assert_eq!(archived.code, ErrorCode::Conflict);
    assert!(archived.message.contains("must be restored first"), "{archived:?}");
}
