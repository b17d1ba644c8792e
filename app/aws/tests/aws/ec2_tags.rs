//! Tags of instances: what is sent, in which order, and what is only tried.

use nephoscope_aws::replay::{Replay, ReplayRequest, wire};
use nephoscope_model::{
    ErrorCode,
    ec2::{ResourceId, Tag, TagChanges},
};

use crate::{estate, place};

fn id() -> ResourceId {
    "i-0000000000000000a".parse().unwrap()
}

fn changes() -> TagChanges {
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    TagChanges {
        set: vec![tag("Name", "<b>web & co</b>"), tag("zero", "")],
        remove: vec!["Old".to_owned(), "a=b".to_owned()],
    }
}

fn fields(request: &ReplayRequest, names: &[&str]) -> Vec<Option<String>> {
    names.iter().map(|name| request.form(name)).collect()
}

#[tokio::test]
async fn what_is_set_comes_first_and_what_is_removed_goes_whatever_its_value() {
    let replay = Replay::new(|request| wire::done(request.operation()));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.change_tags(&place(), &id(), &changes()).await, Ok(()));
    assert_eq!(replay.operations(), ["CreateTags", "DeleteTags"]);
    let requests = replay.requests();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        fields(
            &requests[0],
            &["ResourceId.1", "Tag.1.Key", "Tag.1.Value", "Tag.2.Key", "Tag.2.Value", "DryRun"]
        ),
        [text(id().as_str()), text("Name"), text("<b>web & co</b>"), text("zero"), text(""), None]
    );
    assert_eq!(
        fields(
            &requests[1],
            &["ResourceId.1", "Tag.1.Key", "Tag.1.Value", "Tag.2.Key", "Tag.3.Key", "DryRun"]
        ),
        [text(id().as_str()), text("Old"), None, text("a=b"), None, None]
    );
}

#[tokio::test]
async fn nothing_is_sent_for_nothing() {
    let replay = Replay::new(|request| wire::done(request.operation()));
    let cloud = replay.cloud(estate()).await;
    let set = TagChanges { remove: vec![], ..changes() };
    cloud.change_tags(&place(), &id(), &set).await.unwrap();
    let remove = TagChanges { set: vec![], ..changes() };
    cloud.change_tags(&place(), &id(), &remove).await.unwrap();
    cloud.change_tags(&place(), &id(), &TagChanges::default()).await.unwrap();
    assert_eq!(replay.operations(), ["CreateTags", "DeleteTags"]);
}

#[tokio::test]
async fn a_check_is_a_dry_run_of_both() {
    let replay = Replay::new(|_| wire::ec2_error(412, "DryRunOperation", "Request would have succeeded"));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.check_tags_change(&place(), &id(), &changes()).await, Ok(()));
    assert_eq!(replay.operations(), ["CreateTags", "DeleteTags"]);
    assert!(replay.requests().iter().all(|request| request.form("DryRun").as_deref() == Some("true")));
    let odd = cloud.change_tags(&place(), &id(), &changes()).await.unwrap_err();
    assert_eq!(odd.code, ErrorCode::AwsRejected, "a real change was not done");
}

#[tokio::test]
async fn a_refusal_names_its_action_and_nothing_follows_it() {
    let replay = Replay::new(|_| wire::ec2_error(403, "UnauthorizedOperation", "No."));
    let cloud = replay.cloud(estate()).await;
    let refused = cloud.change_tags(&place(), &id(), &changes()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AwsDenied);
    assert_eq!(refused.aws.and_then(|aws| aws.action).as_deref(), Some("ec2:CreateTags"));
    assert_eq!(replay.operations(), ["CreateTags"]);
}
