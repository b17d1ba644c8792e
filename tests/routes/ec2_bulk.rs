//! `POST /api/ec2/actions`: one action for many instances; and `POST /api/ec2/tags`: one change of the tags of many things.

use std::time::Duration;

use nephoscope_model::{
    Operation, Timestamp,
    audit::{AuditQuery, Outcome},
    ec2::InstanceState,
    identity::Role,
};
use serde_json::{Value, json};

use crate::{
    ec2_resources_player::VOLUME,
    world::{Answered, RUNNING, STOPPED, Settings, World},
};

const GONE: &str = "i-0000000000000000f";

async fn act(world: &World, role: Role, query: &str, body: &Value) -> Answered {
    let token = world.token(role).await;
    world.post_json(&format!("/api/ec2/actions{query}"), Some(&token), &body.to_string()).await
}

#[tokio::test]
async fn each_has_its_own_result_and_what_fails_keeps_no_other_from_being_done() {
    let world = World::new().await;
    let body = json!({"action": "reboot", "ids": [STOPPED, RUNNING, GONE, RUNNING]});
    let answer = act(&world, Role::Operator, "", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let results = answer["results"].as_array().expect("results");
    let ids: Vec<_> = results.iter().map(|result| result["id"].as_str()).collect();
    assert_eq!(ids, [Some(STOPPED), Some(RUNNING), Some(GONE)], "in order, and each once");
    assert_eq!(results[0]["error"]["code"], "conflict");
    assert_eq!(results[1]["change"]["current"], "running");
    assert_eq!(results[1]["place"]["region"], "us-east-1");
    assert!(results[1]["error"].is_null() && results[0]["change"].is_null());
    assert_eq!(results[2]["error"]["code"], "not_found");
    let reboots = world.replay.requests();
    let reboots = reboots.iter().filter(|request| request.operation() == "RebootInstances");
    let really = reboots.filter(|request| request.form("DryRun").is_none()).count();
    assert_eq!(really, 1);

    let records = world
        .records(AuditQuery { operation: Some(Operation::RebootInstance), ..AuditQuery::default() })
        .await;
    let of = |id: &str| {
        let of_it = records.iter().filter(|record| record.resource == id);
        of_it.map(|record| record.outcome).collect::<Vec<_>>()
    };
    assert_eq!(of(RUNNING), [Outcome::Succeeded, Outcome::Started]);
    assert_eq!(of(STOPPED), [Outcome::Failed, Outcome::Started]);
    assert_eq!(of(GONE), [Outcome::Failed]);
}

#[tokio::test]
async fn a_viewer_is_refused_as_a_whole_and_once() {
    let world = World::new().await;
    let body = json!({"action": "stop", "ids": [RUNNING, STOPPED]});
    let answer = act(&world, Role::Viewer, "", &body).await;
    assert_eq!(answer.problem(), (403, "forbidden".to_owned()));
    let refused = AuditQuery { outcome: Some(Outcome::Refused), ..AuditQuery::default() };
    let refused = world.records(refused).await;
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (refused[0].operation, refused[0].resource.as_str()),
        (Operation::StopInstance, "2 instances")
    );
    assert_eq!(world.instances.lock().expect("no panic")[0].state, InstanceState::Running);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_is_done() {
    let world = World::new().await;
    let many: Vec<String> = (0..101).map(|number| format!("i-{number:017x}")).collect();
    for (query, body, expected) in [
        ("", json!({"action": "stop", "ids": []}), (400, "invalid_input")),
        ("", json!({"action": "stop", "ids": many}), (400, "invalid_input")),
        ("", json!({"action": "stop", "ids": [RUNNING, "i-1"]}), (400, "invalid_input")),
        ("", json!({"action": "hibernate", "ids": [RUNNING]}), (400, "invalid_input")),
        ("", json!({"action": "terminate", "ids": [RUNNING, STOPPED]}), (428, "confirmation_required")),
        (
            "",
            json!({"action": "terminate", "ids": [RUNNING, STOPPED], "confirmation": "terminate 3 instances"}),
            (428, "confirmation_required"),
        ),
        ("", json!({"ids": [RUNNING]}), (400, "invalid_input")),
        ("?account=999999999999", json!({"action": "stop", "ids": [RUNNING]}), (404, "not_found")),
    ] {
        let (status, code) = act(&world, Role::Operator, query, &body).await.problem();
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    assert!(world.replay.operations().iter().all(|operation| !operation.starts_with("Stop")));
}

#[tokio::test]
async fn many_are_terminated_when_their_number_was_typed() {
    let world = World::new().await;
    world.instances.lock().expect("no panic").retain(|it| it.id.as_str() != GONE);
    let ids = [RUNNING, GONE, STOPPED, RUNNING];
    let body = json!({"action": "terminate", "ids": ids, "confirmation": "terminate 3 instances"});
    let answer = act(&world, Role::Operator, "", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer["results"][0]["change"]["current"], "shutting-down", "{answer}");
    assert_eq!(answer["results"][1]["error"]["code"], "not_found");
    assert_eq!(answer["results"][2]["change"]["previous"], "stopped");
    let really = world.replay.requests();
    let really = really.iter().filter(|it| it.operation() == "TerminateInstances");
    assert_eq!(really.filter(|it| it.form("DryRun").is_none()).count(), 2);
}

#[tokio::test]
async fn a_single_one_of_many_is_terminated_when_its_name_was_typed() {
    let world = World::new().await;
    let terminate = async |typed: &str| {
        let body = json!({"action": "terminate", "ids": [RUNNING], "confirmation": typed});
        act(&world, Role::Operator, "", &body).await.json()["results"][0].clone()
    };
    for wrong in ["", RUNNING, "terminate 1 instances"] {
        assert_eq!(terminate(wrong).await["error"]["code"], "confirmation_required", "{wrong}");
    }
    assert_eq!(terminate("web-1").await["change"]["current"], "shutting-down");
}

#[tokio::test]
async fn many_that_are_to_be_terminated_wait_and_each_can_be_undone() {
    let grace = Duration::from_secs(60);
    let world = World::with(Settings { terminate_grace: grace, ..Settings::default() }).await;
    let body =
        json!({"action": "terminate", "ids": [RUNNING, STOPPED], "confirmation": "terminate 2 instances"});
    let answer = act(&world, Role::Operator, "", &body).await.json();
    let waits = |index: usize| answer["results"][index]["termination"].clone();
    assert_eq!((&waits(0)["name"], &waits(0)["secondsLeft"]), (&json!("web-1"), &json!(60)), "{answer}");
    assert_eq!(waits(1)["name"], STOPPED, "what has no name is called by its id");
    let undo = format!("/api/ec2/terminate/{RUNNING}/undo");
    let token = world.token(Role::Operator).await;
    assert_eq!(world.call("POST", &undo, Some(&token)).await.status, 200);
    let later = Timestamp::now().plus_millis(61_000);
    world.app.ops().carry_out_terminations_at(later).await.expect("carried out");
    let states: Vec<_> = world.instances.lock().expect("no panic").iter().map(|it| it.state).collect();
    assert_eq!(states[..2], [InstanceState::Running, InstanceState::ShuttingDown]);
}

#[tokio::test]
async fn as_many_as_are_allowed_are_done() {
    let world = World::new().await;
    let one = world.instances.lock().expect("no panic")[0].clone();
    let ids: Vec<String> = (256..356).map(|number| format!("i-{number:017x}")).collect();
    for id in &ids {
        let named = nephoscope_model::ec2::Instance { id: id.parse().expect("an id"), ..one.clone() };
        world.instances.lock().expect("no panic").push(named);
    }
    let answer = act(&world, Role::Operator, "", &json!({"action": "stop", "ids": ids})).await.json();
    let results = answer["results"].as_array().expect("results");
    assert!(results.iter().all(|result| result["change"]["current"] == "stopping"), "{answer}");
    assert_eq!(results.len(), 100);
}

async fn tag(world: &World, role: Role, query: &str, body: &Value) -> Answered {
    let token = world.token(role).await;
    world.post_json(&format!("/api/ec2/tags{query}"), Some(&token), &body.to_string()).await
}

#[tokio::test]
async fn the_tags_of_many_are_changed_and_their_other_tags_stay() {
    let world = World::new().await;
    let set = json!([{"key": "Team", "value": "<b>a & b</b>"}]);
    let body = json!({"ids": [RUNNING, VOLUME, GONE, RUNNING], "set": set, "remove": ["Name", "Nothing"]});
    let answer = tag(&world, Role::Operator, "", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let results = answer["results"].as_array().expect("results");
    let ids: Vec<_> = results.iter().map(|result| result["id"].as_str()).collect();
    assert_eq!(ids, [Some(RUNNING), Some(VOLUME), Some(GONE)], "in order, and each once");
    assert_eq!((&results[0]["tags"], &results[1]["tags"]), (&set, &set), "{answer}");
    assert_eq!(results[1]["place"]["region"], "us-east-1");
    assert_eq!((&results[2]["error"]["code"], &results[2]["tags"]), (&json!("not_found"), &Value::Null));

    let again = json!({"ids": [RUNNING], "set": [{"key": "Env", "value": "test"}]});
    let now = tag(&world, Role::Operator, "", &again).await.json();
    assert_eq!(now["results"][0]["tags"], json!([{"key": "Env", "value": "test"}, set[0]]));
    let records =
        world.records(AuditQuery { operation: Some(Operation::SetTags), ..AuditQuery::default() }).await;
    let of =
        |id: &str| records.iter().filter(|it| it.resource == id).map(|it| it.outcome).collect::<Vec<_>>();
    assert_eq!(of(VOLUME), [Outcome::Succeeded, Outcome::Started]);
    assert_eq!(of(GONE), [Outcome::Failed]);
    let detail = records.iter().find(|it| it.resource == VOLUME).map(|it| it.detail.as_str());
    assert_eq!(detail, Some("Team=<b>a & b</b> · without Name"));
}

#[tokio::test]
async fn tags_of_many_that_make_no_sense_are_refused_before_aws_is_asked() {
    let world = World::new().await;
    let team = json!([{"key": "Team", "value": "a"}]);
    for (query, body, expected) in [
        ("", json!({"ids": [], "set": team}), (400, "invalid_input")),
        ("", json!({"ids": [RUNNING]}), (400, "invalid_input")),
        ("", json!({"ids": ["no id"], "set": team}), (400, "invalid_input")),
        ("", json!({"ids": [RUNNING], "set": [{"key": "aws:x", "value": ""}]}), (400, "invalid_input")),
        ("", json!({"ids": [RUNNING], "remove": ["aws:x"]}), (400, "invalid_input")),
        ("", json!({"ids": [RUNNING], "set": team, "remove": ["Team"]}), (400, "invalid_input")),
        ("", json!({"ids": [RUNNING], "tags": team}), (400, "invalid_input")),
        ("?account=999999999999", json!({"ids": [RUNNING], "set": team}), (404, "not_found")),
    ] {
        let (status, code) = tag(&world, Role::Operator, query, &body).await.problem();
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    let refused = tag(&world, Role::Viewer, "", &json!({"ids": [RUNNING, VOLUME], "set": team})).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    let refused = AuditQuery { outcome: Some(Outcome::Refused), ..AuditQuery::default() };
    assert_eq!(world.records(refused).await[0].resource, "2 resources");
    assert!(world.replay.operations().is_empty(), "{:?}", world.replay.operations());
}
