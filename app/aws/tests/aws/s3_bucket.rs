//! S3: how a bucket is configured.

use nephoscope_aws::replay::{Replay, ReplayRequest, ReplayResponse, wire};
use nephoscope_model::{
    ec2::Tag,
    s3::{Bucket, BucketDetails, LifecycleRule},
};

use crate::{estate, place};

/// What is read of a bucket that answers each of its parts so.
async fn details(play: impl Fn(&ReplayRequest) -> ReplayResponse + Send + Sync + 'static) -> BucketDetails {
    let place = place();
    let name = "things".parse().unwrap();
    let bucket = Bucket { name, account: place.account, region: place.region, created_at: None };
    Replay::new(play).cloud(estate()).await.get_bucket(&bucket).await.unwrap()
}

/// The rules of a bucket, as S3 writes them.
async fn rules(written: &'static str) -> Vec<LifecycleRule> {
    let details = details(move |request| {
        if request.uri.contains("?lifecycle") {
            return wire::xml(200, format!("<LifecycleConfiguration>{written}</LifecycleConfiguration>"));
        }
        wire::xml(404, "<Error><Code>NoSuchTagSet</Code><Message>never</Message></Error>")
    });
    details.await.lifecycle
}

#[tokio::test]
async fn a_rule_tells_which_objects_it_is_about() {
    let written = "
        <Rule><ID>old</ID><Prefix>logs/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>
        <Rule><ID>all</ID><Filter/><Status>Disabled</Status><Expiration><Days>2</Days></Expiration></Rule>
        <Rule><ID>tag</ID><Filter><Tag><Key>Stage</Key><Value>a&amp;b</Value></Tag></Filter><Status>Enabled</Status>
            <Expiration><Days>3</Days></Expiration></Rule>
        <Rule><ID>size</ID><Filter><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan></Filter><Status>Enabled</Status>
            <Expiration><Days>3</Days></Expiration></Rule>
        <Rule><ID>and</ID><Filter><And><Prefix>tmp/</Prefix><Tag><Key>A</Key><Value/></Tag><Tag><Key>B</Key><Value>1</Value></Tag>
            <ObjectSizeGreaterThan>0</ObjectSizeGreaterThan><ObjectSizeLessThan>64000</ObjectSizeLessThan></And></Filter>
            <Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>";
    let rules = rules(written).await;
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let about: Vec<_> = rules.iter().map(|it| (it.id.as_str(), it.enabled, it.prefix.as_str())).collect();
    let expected = [
        ("old", true, "logs/"),
        ("all", false, ""),
        ("tag", true, ""),
        ("size", true, ""),
        ("and", true, "tmp/"),
    ];
    assert_eq!(about, expected);
    assert_eq!(rules[2].tags, [tag("Stage", "a&b")]);
    assert_eq!((rules[3].larger_than, rules[3].smaller_than), (Some(500), None));
    assert_eq!(rules[4].tags, [tag("A", ""), tag("B", "1")]);
    assert_eq!((rules[4].larger_than, rules[4].smaller_than), (None, Some(64_000)));
}

#[tokio::test]
async fn a_rule_tells_all_that_it_does_and_when() {
    let written = "
        <Rule><ID>days</ID><Filter/><Status>Enabled</Status>
            <Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>
            <Transition><Date>2032-10-09T00:00:00Z</Date><StorageClass>DEEP_ARCHIVE</StorageClass></Transition>
            <Expiration><Days>1</Days></Expiration>
            <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>
        <Rule><ID>versions</ID><Filter/><Status>Enabled</Status>
            <Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>
            <NoncurrentVersionTransition><NoncurrentDays>21</NoncurrentDays><StorageClass>GLACIER</StorageClass>
                <NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionTransition>
            <NoncurrentVersionExpiration><NoncurrentDays>99</NoncurrentDays><NewerNoncurrentVersions>5</NewerNoncurrentVersions>
                </NoncurrentVersionExpiration></Rule>
        <Rule><ID>day</ID><Filter/><Status>Enabled</Status><Expiration><Date>2031-05-17T00:00:00.000Z</Date></Expiration></Rule>";
    let rules = rules(written).await;
    assert_eq!(
        rules[0].actions,
        [
            "to STANDARD_IA after 30 days",
            "to DEEP_ARCHIVE on 2032-10-09",
            "deleted after 1 day",
            "unfinished uploads removed after 7 days",
        ]
    );
    assert_eq!(
        rules[1].actions,
        [
            "delete markers without versions removed",
            "earlier versions to GLACIER after 21 days, but for the newest of them",
            "earlier versions deleted after 99 days, but for the 5 newest of them",
        ]
    );
    assert_eq!(rules[2].actions, ["deleted on 2031-05-17"]);
}

#[tokio::test]
async fn a_part_that_is_denied_is_not_told_and_one_that_was_never_set_is() {
    let details = details(|request| {
        let (status, code) = match &request.uri {
            uri if uri.contains("?policy") && !uri.contains("policyStatus") => (403, "AccessDenied"),
            uri if uri.contains("?tagging") => (403, "AccessDenied"),
            uri if uri.contains("?lifecycle") => (404, "NoSuchLifecycleConfiguration"),
            _ => (404, "NoSuchBucketPolicy"),
        };
        wire::xml(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
    });
    let details = details.await;
    assert!(details.tells("lifecycle") && details.tells("encryption"));
    assert!(!details.tells("policy") && !details.tells("tags"));
}
