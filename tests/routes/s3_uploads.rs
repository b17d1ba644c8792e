//! `/api/s3/{name}/uploads`: files in parts, which go on where they were.

use axum::body::{Body, Bytes};
use futures::stream;
use http::{Request, StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use serde_json::{Value, json};

use crate::{
    s3::{has, world},
    s3_player::crc32,
    world::{Answered, World},
};

pub(crate) const PART: usize = 8 << 20;

pub(crate) struct Sender<'a> {
    world: &'a World,
    token: String,
}

impl Sender<'_> {
    pub(crate) async fn begin(&self, body: Value) -> Answered {
        self.world.post_json("/api/s3/empty/uploads", Some(&self.token), &body.to_string()).await
    }

    pub(crate) async fn begun(&self, key: &str, size: usize) -> String {
        let answer = self.begin(json!({"key": key, "size": size})).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn part(
        &self,
        id: &str,
        number: u32,
        body: impl Into<Body>,
        checksum: Option<&str>,
    ) -> Answered {
        let mut request = Request::put(format!("/api/s3/empty/uploads/{id}/parts/{number}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(checksum) = checksum {
            request = request.header("x-checksum-crc32", checksum);
        }
        self.world.send(request.body(body.into()).expect("a request")).await
    }

    pub(crate) async fn call(&self, method: &str, id: &str, more: &str) -> Answered {
        self.world.call(method, &format!("/api/s3/empty/uploads/{id}{more}"), Some(&self.token)).await
    }
}

pub(crate) async fn sender(world: &World, role: Role) -> Sender<'_> {
    Sender { world, token: world.token(role).await }
}

pub(crate) fn under_way(world: &World) -> usize {
    world.s3.lock().expect("no panic").uploads.len()
}

#[tokio::test]
async fn a_file_goes_in_parts_in_any_order_and_its_checksums_are_verified() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    let size = 2 * PART + 3;
    let begun =
        operator.begin(json!({"key": "new/ü +.bin", "size": size, "contentType": "text/x"})).await.json();
    assert_eq!((&begun["partSize"], &begun["parts"]), (&PART.into(), &3.into()));
    let id = begun["id"].as_str().expect("an id");
    let (one, two) = (vec![1_u8; PART], vec![2_u8; PART]);
    let last = operator.part(id, 3, "end", Some(&crc32(b"end"))).await;
    assert_eq!(last.status, StatusCode::OK, "{last:?}");
    assert_eq!(last.json(), json!({"number": 3, "size": 3, "checksum": crc32(b"end")}));
    let damaged = operator.part(id, 1, two.clone(), Some(&crc32(&one))).await;
    assert_eq!(damaged.problem(), (400, "invalid_input".to_owned()));
    assert!(damaged.json()["hint"].as_str().is_some_and(|hint| hint.contains("again")), "{damaged:?}");
    assert_eq!(operator.part(id, 1, one.clone(), Some(&crc32(&one))).await.status, StatusCode::OK);

    let incomplete = operator.call("POST", id, "/complete").await;
    assert_eq!(incomplete.problem(), (400, "invalid_input".to_owned()));
    assert!(
        incomplete.json()["detail"].as_str().is_some_and(|it| it.contains("1 of 3 parts are not there: 2."))
    );
    let state = operator.call("GET", id, "").await.json();
    let there: Vec<_> = state["uploaded"].as_array().expect("parts").iter().map(|it| &it["number"]).collect();
    assert_eq!((there, &state["key"]), (vec![&json!(1), &json!(3)], &json!("new/ü +.bin")));

    // Without a checksum of the sender's, ours is sent.
    assert_eq!(operator.part(id, 2, two.clone(), None).await.status, StatusCode::OK);
    assert_eq!(operator.call("GET", id, "").await.json()["uploaded"].as_array().map(Vec::len), Some(3));
    let written = operator.call("POST", id, "/complete").await;
    assert_eq!(written.status, StatusCode::OK, "{written:?}");
    let whole = [one, two, b"end".to_vec()].concat();
    assert_eq!(written.json()["size"], size);
    assert_eq!(written.json()["checksum"], format!("CRC32 {}", crc32(&whole)));
    assert!(world.s3.lock().expect("no panic").buckets["empty"]["new/ü +.bin"] == whole);
    assert_eq!(operator.call("GET", id, "").await.problem(), (404, "not_found".to_owned()));
    assert_eq!(under_way(&world), 0);

    let query = |operation| AuditQuery { operation: Some(operation), ..AuditQuery::default() };
    let parts = world.records(query(Operation::UploadPart)).await;
    let outcomes: Vec<_> = parts.iter().rev().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Succeeded, Outcome::Failed], "the first of them, and what failed");
    let completed = world.records(query(Operation::CompleteUpload)).await;
    assert_eq!((completed[0].outcome, completed[0].detail.as_str()), (Outcome::Succeeded, "16777219 bytes"));
    assert_eq!(completed[0].resource, "empty/new/ü +.bin");
}

#[tokio::test]
async fn what_is_no_part_of_the_file_is_not_taken() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    let id = operator.begun("a", PART + 3).await;
    for (number, body, checksum) in [
        (0, "end", None),
        (3, "end", None),
        (2, "en", None),
        (2, "ends", None),
        (2, "", None),
        (2, "end", Some("cbf43926")),
        (1, "end", None),
    ] {
        let answer = operator.part(&id, number, body, checksum).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{number} {body:?} {checksum:?}");
    }
    let broken = stream::iter([Ok(Bytes::from_static(b"e")), Err(std::io::Error::other("gone"))]);
    assert_eq!(operator.part(&id, 2, Body::from_stream(broken), None).await.problem().0, 400);
    assert_eq!(
        operator.part(&id, 1, vec![0; PART + 1], None).await.problem().0,
        400,
        "more than the part has"
    );
    assert!(world.s3.lock().expect("no panic").uploads.values().all(std::collections::BTreeMap::is_empty));
    for bad in ["x", "e30"] {
        assert_eq!(operator.part(bad, 1, "x", None).await.problem().0, 400);
        assert_eq!(operator.call("POST", bad, "/complete").await.problem().0, 400);
    }
    for bad in
        [json!({"key": "", "size": 1}), json!({"key": "k".repeat(1_025), "size": 1}), json!({"key": "a"})]
    {
        assert_eq!(operator.begin(bad.clone()).await.problem().0, 400, "{bad}");
    }
    let too_large = operator.begin(json!({"key": "a", "size": (320_000_u64 << 20) + 1})).await;
    assert_eq!(too_large.problem(), (413, "payload_too_large".to_owned()));
}

#[tokio::test]
async fn nothing_is_written_over_unless_it_is_said() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    let put = |content: &'static [u8]| {
        let mut s3 = world.s3.lock().expect("no panic");
        s3.buckets.get_mut("empty").expect("a bucket").insert("a".to_owned(), content.to_vec());
    };
    put(b"old");
    let taken = operator.begin(json!({"key": "a", "size": 3})).await;
    assert_eq!(taken.problem(), (409, "conflict".to_owned()));
    assert_eq!(under_way(&world), 0);
    assert_eq!(
        operator.begin(json!({"key": "a", "size": 3, "overwrite": true})).await.status,
        StatusCode::OK
    );

    world.s3.lock().expect("no panic").buckets.insert("empty".to_owned(), [].into());
    let id = operator.begun("a", 3).await;
    assert_eq!(operator.part(&id, 1, "new", None).await.status, StatusCode::OK);
    put(b"meanwhile");
    assert_eq!(operator.call("POST", &id, "/complete").await.problem(), (409, "conflict".to_owned()));
    let over = operator.call("POST", &id, "/complete?overwrite=true").await;
    assert_eq!(over.status, StatusCode::OK, "what was sent is not sent again: {over:?}");
    assert_eq!(world.s3.lock().expect("no panic").buckets["empty"]["a"], b"new");
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing_behind_and_viewers_may_do_none_of_it() {
    let world = world().await;
    let (operator, viewer) = (sender(&world, Role::Operator).await, sender(&world, Role::Viewer).await);
    let id = operator.begun("a", 3).await;
    assert_eq!(viewer.begin(json!({"key": "a", "size": 3})).await.problem().0, 403);
    assert_eq!(viewer.part(&id, 1, "new", None).await.problem().0, 403);
    for (method, more) in [("GET", ""), ("POST", "/complete"), ("DELETE", "")] {
        assert_eq!(viewer.call(method, &id, more).await.problem().0, 403, "{method} {more}");
    }
    assert_eq!(under_way(&world), 1);
    assert_eq!(operator.call("DELETE", &id, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(under_way(&world), 0);
    assert_eq!(operator.call("DELETE", &id, "").await.problem(), (404, "not_found".to_owned()));
    assert_eq!(operator.part(&id, 1, "new", None).await.problem(), (404, "not_found".to_owned()));
    assert!(!has(&world, "empty", "a"));
}

#[tokio::test]
async fn the_checksum_of_a_file_that_goes_whole_is_verified_too() {
    let world = world().await;
    let token = world.token(Role::Operator).await;
    let upload = |key: &str, body: Vec<u8>, checksum: String| {
        let request = Request::post(format!("/api/s3/upload?bucket=empty&key={key}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header("x-checksum-crc32", checksum);
        world.send(request.body(Body::from(body)).expect("a request"))
    };
    for size in [5, PART + 5] {
        let content = vec![7; size];
        let damaged = upload("bad", content.clone(), crc32(b"other")).await;
        assert_eq!(damaged.problem(), (400, "invalid_input".to_owned()), "{size}");
        let written = upload(&format!("good{size}"), content.clone(), crc32(&content)).await;
        assert_eq!(written.status, StatusCode::OK, "{written:?}");
        assert_eq!(written.json()["checksum"], format!("CRC32 {}", crc32(&content)));
    }
    assert_eq!(upload("bad", Vec::new(), "no".to_owned()).await.problem().0, 400);
    assert!(!has(&world, "empty", "bad") && under_way(&world) == 0);
}
