//! Trying again, giving up, waiting for a turn, and telling of it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use nephoscope_aws::{
    AccountConfig, CallRecord, Cloud, CredentialsSource, Patience,
    replay::{Answer, Replay, wire},
};
use nephoscope_model::{
    ErrorCode,
    ec2::{InstanceAction, StopOptions},
};

use crate::{estate, place};

/// Plays the answers one after the other, the last one for ever.
fn in_turn(answers: Vec<Answer>) -> Replay {
    let turn = AtomicUsize::new(0);
    Replay::new(move |_| answers[turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)].clone())
}

fn throttled() -> Answer {
    wire::ec2_error(503, "RequestLimitExceeded", "Request limit exceeded.").into()
}

fn good() -> Answer {
    wire::instances(&[], None).into()
}

#[tokio::test]
async fn a_call_that_was_throttled_is_tried_again() {
    let replay = in_turn(vec![throttled(), throttled(), good()]);
    assert_eq!(replay.cloud(estate()).await.list_instances(&place()).await, Ok(vec![]));
    assert_eq!(replay.requests().len(), 3);
}

#[tokio::test]
async fn a_call_that_stays_throttled_says_so_after_four_attempts() {
    let replay = in_turn(vec![throttled()]);
    let error = replay.cloud(estate()).await.list_instances(&place()).await.unwrap_err();
    assert_eq!((error.code, replay.requests().len()), (ErrorCode::AwsThrottled, 4));
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let replay = in_turn(vec![Answer::Dropped, Answer::TimedOut, good()]);
    assert_eq!(replay.cloud(estate()).await.list_instances(&place()).await, Ok(vec![]));
    assert_eq!(replay.requests().len(), 3);
}

#[tokio::test]
async fn a_reboot_whose_answer_was_lost_is_not_sent_again() {
    let replay = in_turn(vec![Answer::TimedOut]);
    let id = "i-0000000000000000a".parse().unwrap();
    let answer = replay
        .cloud(estate())
        .await
        .change_instance(&place(), &id, InstanceAction::Reboot, StopOptions::default())
        .await;
    assert_eq!(answer.unwrap_err().code, ErrorCode::AwsUnavailable);
    assert_eq!(replay.requests().len(), 1);
}

#[tokio::test]
async fn aws_that_cannot_be_reached_is_unavailable() {
    for (answer, why) in
        [(Answer::Dropped, "connection reset"), (Answer::TimedOut, "in time"), (Answer::Silence, "in time")]
    {
        let replay = in_turn(vec![answer]);
        let error = replay.cloud(estate()).await.list_instances(&place()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::AwsUnavailable);
        assert!(error.message.contains(why), "{}", error.message);
        assert_eq!(error.aws.unwrap().account, Some(place().account));
    }
}

#[tokio::test]
async fn what_was_refused_is_not_tried_again() {
    let replay = in_turn(vec![wire::ec2_error(403, "UnauthorizedOperation", "No.").into()]);
    assert!(replay.cloud(estate()).await.list_instances(&place()).await.is_err());
    assert_eq!(replay.requests().len(), 1);
}

/// A cloud that tries once, may make two calls at once, and tells of them.
async fn narrow_cloud(replay: &Replay, hook: impl Fn(&CallRecord) + Send + Sync + 'static) -> Cloud {
    let access_key_id = "AKID".parse().unwrap();
    let keys = CredentialsSource::Keys { access_key_id, secret_access_key: "s".into() };
    let accounts = estate().into_iter().map(|account| AccountConfig::new(account, keys.clone()));
    Cloud::builder()
        .accounts(accounts.collect())
        .http_client(replay.clone())
        .patience(Patience { attempts: 1, ..Patience::of_a_test() })
        .max_concurrency_per_account(2)
        .on_call(Arc::new(hook))
        .build()
        .await
}

#[tokio::test]
async fn an_account_is_not_asked_more_at_once_than_allowed() {
    let replay = in_turn(vec![Answer::Silence]);
    let (asked, ended, most) = (replay.clone(), AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let cloud = narrow_cloud(&replay, move |_| {
        let under_way = asked.requests().len() - ended.fetch_add(1, Ordering::SeqCst);
        seen.fetch_max(under_way, Ordering::SeqCst);
    });
    let cloud = cloud.await;
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.list_instances(&place()).await })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().is_err(), "each gives up when its time is over");
    }
    assert_eq!((replay.requests().len(), most.load(Ordering::SeqCst)), (5, 2));
}

#[tokio::test]
async fn every_call_is_told_of() {
    let page = |token| Answer::from(wire::instances(&[], token));
    let refused = wire::ec2_error(403, "UnauthorizedOperation", "No.").into();
    let replay = in_turn(vec![page(Some("two")), page(None), refused]);
    let records: Arc<Mutex<Vec<CallRecord>>> = Arc::default();
    let heard = Arc::clone(&records);
    let cloud = narrow_cloud(&replay, move |record| heard.lock().unwrap().push(record.clone())).await;
    assert!(cloud.list_instances(&place()).await.is_ok());
    assert!(cloud.list_instances(&place()).await.is_err());
    let records = records.lock().unwrap();
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(ErrorCode::AwsDenied)], "one for each page");
    assert!(records.iter().all(|it| (it.service, it.operation) == ("ec2", "DescribeInstances")));
    assert!(records.iter().all(|it| it.place == place()));
}
