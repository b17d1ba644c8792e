//! A bucket as a whole: emptying it, its tags, its versioning; and the pages about it.

use http::{Request, StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use serde_json::{Value, json};

use crate::{
    s3::world,
    s3_history,
    world::{Answered, World},
};

/// A bucket that keeps versions, with two versions of an object, a mark, and an upload that was never finished.
async fn full() -> World {
    let world = world().await;
    let mut s3 = world.s3.lock().expect("no panic");
    s3.versioned.insert("empty".to_owned());
    for key in ["a", "a", "b"] {
        s3_history::put(&mut s3, "empty", key, b"x".to_vec());
    }
    s3.history.entry(("empty".to_owned(), "b".to_owned())).or_default().push(("m1".to_owned(), None));
    s3.uploads.insert("upload-1".to_owned(), [].into());
    drop(s3);
    world
}

async fn send(world: &World, method: &str, path: &str, token: &str, body: Value) -> Answered {
    world.send_json(method, path, Some(token), &body.to_string()).await
}

/// Looks until it is over.
async fn ended(world: &World, path: &str, token: &str) -> Value {
    for _ in 0..100_000 {
        let now = world.get(path, token).await.json();
        if now["endedAt"].is_string() {
            return now;
        }
        tokio::task::yield_now().await;
    }
    panic!("it does not end");
}

#[tokio::test]
async fn a_bucket_is_emptied_with_all_that_lists_do_not_show_and_deleted() {
    let world = full().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let path = "/api/s3/empty/empty";
    let confirmed = "/api/s3/empty/empty?confirm=empty";
    let whole = json!({"deleteBucket": true});
    assert_eq!(send(&world, "POST", path, &operator, json!({})).await.problem().0, 428);
    assert_eq!(send(&world, "POST", confirmed, &viewer, json!({})).await.problem().0, 403);
    let part = json!({"prefix": "a", "deleteBucket": true});
    assert_eq!(send(&world, "POST", confirmed, &operator, part).await.problem().0, 400);

    let begun = send(&world, "POST", confirmed, &operator, whole).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{begun:?}");
    let id = begun.json()["id"].as_str().expect("an id").to_owned();
    let state = ended(&world, &format!("{path}/{id}"), &viewer).await;
    assert_eq!(state["state"], "done", "{state}");
    assert_eq!((&state["versions"], &state["markers"], &state["uploads"]), (&3.into(), &1.into(), &1.into()));
    assert_eq!((&state["total"], &state["failed"]), (&4.into(), &0.into()));
    {
        let s3 = world.s3.lock().expect("no panic");
        assert!(!s3.buckets.contains_key("empty") && s3.uploads.is_empty());
    }
    let over = world.call("DELETE", &format!("{path}/{id}"), Some(&operator)).await;
    assert_eq!(over.problem(), (409, "conflict".to_owned()));
    let records = world.records(AuditQuery::default()).await;
    let of = |operation: Operation| {
        let of_it =
            records.iter().filter(move |record| record.operation == operation && record.resource == "empty");
        of_it.map(|record| record.outcome).collect::<Vec<_>>()
    };
    assert_eq!(of(Operation::EmptyBucket)[..2], [Outcome::Succeeded, Outcome::Started]);
    assert_eq!(of(Operation::DeleteBucket), [Outcome::Succeeded, Outcome::Started]);
    let looks = of(Operation::WatchEmptying).len();
    assert_eq!(looks, 1, "that somebody looks is recorded once");
    let done = records.iter().find(|record| record.operation == Operation::EmptyBucket).expect("a record");
    assert_eq!(done.detail, "3 versions, 1 delete markers and 1 unfinished uploads deleted");
}

#[tokio::test]
async fn what_cannot_be_deleted_is_counted_and_the_rest_goes() {
    let world = full().await;
    let operator = world.token(Role::Operator).await;
    world.s3.lock().expect("no panic").locked.insert("a".to_owned());
    let begun = send(&world, "POST", "/api/s3/empty/empty?confirm=empty", &operator, json!({})).await.json();
    let path = format!("/api/s3/empty/empty/{}", begun["id"].as_str().expect("an id"));
    let state = ended(&world, &path, &operator).await;
    // Both versions of `a` stay.
    assert_eq!((&state["state"], &state["failed"]), (&"failed".into(), &2.into()), "{state}");
    assert_eq!((&state["versions"], &state["markers"]), (&1.into(), &1.into()));
    assert_eq!(state["error"]["code"], "aws_denied");
    assert!(world.s3.lock().expect("no panic").buckets.contains_key("empty"));
}

#[tokio::test]
async fn an_emptying_is_stopped_and_two_do_not_go_on_in_one_bucket() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    world.s3.lock().expect("no panic").endless = true;
    let begin = || send(&world, "POST", "/api/s3/empty/empty?confirm=empty", &operator, json!({}));
    let begun = begin().await.json();
    let path = format!("/api/s3/empty/empty/{}", begun["id"].as_str().expect("an id"));
    assert_eq!(begin().await.problem(), (409, "conflict".to_owned()));
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(world.call("DELETE", &path, Some(&viewer)).await.problem().0, 403);
    assert_eq!(world.call("DELETE", &path, Some(&operator)).await.status, StatusCode::ACCEPTED);
    let state = ended(&world, &path, &operator).await;
    assert_eq!(state["state"], "cancelled", "{state}");
    let query = AuditQuery { operation: Some(Operation::EmptyBucket), ..AuditQuery::default() };
    let records = world.records(query).await;
    assert!(records.iter().any(|it| it.detail.starts_with("It was stopped")), "{records:?}");
    let unknown = world.get("/api/s3/empty/empty/none", &viewer).await;
    assert_eq!(unknown.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn tags_and_versioning_are_changed() {
    let world = world().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    world.s3.lock().expect("no panic").tags.insert(
        "empty".to_owned(),
        [("aws:x".to_owned(), "1".to_owned()), ("old".to_owned(), "2".to_owned())].into(),
    );
    let path = "/api/s3/empty/tags";
    let tags = json!({"tags": [{"key": "Team", "value": "a b"}]});
    assert_eq!(send(&world, "PUT", path, &viewer, tags.clone()).await.problem().0, 403);
    let set = send(&world, "PUT", path, &operator, tags).await;
    assert_eq!(set.status, StatusCode::OK, "{set:?}");
    assert_eq!(set.json()["tags"], json!([{"key": "Team", "value": "a b"}, {"key": "aws:x", "value": "1"}]));
    assert_eq!(world.get("/api/s3/empty", &viewer).await.json()["tags"], set.json()["tags"]);
    let bad = json!({"tags": [{"key": "aws:y", "value": ""}]});
    assert_eq!(send(&world, "PUT", path, &operator, bad).await.problem(), (400, "invalid_input".to_owned()));

    let before = world.replay.requests().len();
    let versioning =
        send(&world, "PUT", "/api/s3/empty/versioning", &operator, json!({"enabled": false})).await;
    assert_eq!(versioning.status, StatusCode::NO_CONTENT);
    let asked = world.replay.requests().split_off(before);
    assert!(asked.iter().any(|it| it.method == "PUT" && it.text().contains("<Status>Suspended</Status>")));
}

/// What a browser that is logged in sends.
async fn cookies(world: &World, role: Role) -> String {
    format!("nephoscope_token={}", world.token(role).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_show_all_of_it_in_the_first_html() {
    let world = full().await;
    world
        .s3
        .lock()
        .expect("no panic")
        .buckets
        .get_mut("things")
        .expect("a bucket")
        .insert("evil.html".to_owned(), b"<script>alert(1)</script>".to_vec());
    let cookies = cookies(&world, Role::Operator).await;
    let page = |query: &'static str| {
        let path = format!("/s3/{query}");
        let (world, cookies) = (&world, cookies.clone());
        async move {
            let page = world.page(&path, &cookies).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {page:?}");
            page.text
        }
    };
    let at = "at=111111111111/us-east-1";
    let list = page("things?at=111111111111/us-east-1").await;
    assert!(list.contains("Show versions") && list.contains("Export CSV"), "{at}");
    assert!(list.contains("key=a%20b%2Bc%2520.txt"), "a link to any key");
    let found = page("things?at=111111111111/us-east-1&q=txt").await;
    assert!(found.contains("3 found for") && found.contains("to the end"));
    let versions = page("empty?at=111111111111/us-east-1&versions=1").await;
    assert!(versions.contains("delete marker") && versions.contains("Hide versions"));
    let object = page("things?at=111111111111/us-east-1&key=evil.html").await;
    assert!(
        object.contains("CRC32 poTHxg==") && object.contains("who = me") && object.contains("team = a b")
    );
    assert!(object.contains("&lt;script&gt;alert(1)") && !object.contains("<script>alert(1)"));
    let properties = page("things?at=111111111111/us-east-1&part=properties").await;
    assert!(properties.contains("Suspend versioning") && properties.contains("Empty this bucket"));
    let missing = world.page("/s3/things?at=111111111111/us-east-1&key=nothing", &cookies).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_work_without_javascript() {
    let world = full().await;
    world.s3.lock().expect("no panic").tags.insert("empty".to_owned(), [].into());
    let cookies = cookies(&world, Role::Operator).await;
    let form = |bucket: &'static str, body: &'static str| {
        let request = Request::post(format!("/s3/{bucket}?at=111111111111/us-east-1"))
            .header(header::COOKIE, cookies.clone())
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        world.send(request.body(body.into()).expect("a request"))
    };
    let copied = form("things", "do=copy&key=a%2F1.txt&version=&to=a%2Fcopy.txt&how=copy").await;
    assert_eq!(copied.status, StatusCode::SEE_OTHER, "{copied:?}");
    let to = copied.headers[header::LOCATION].to_str().expect("an address");
    assert!(to.contains("key=a/copy.txt") && to.ends_with("done=copied"), "{to}");
    let taken = form("things", "do=copy&key=a%2F1.txt&to=..&how=rename").await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.text.contains("The object was not copied"));
    let restored = form("empty/copy", "do=restore&key=a&version=v1").await;
    assert_eq!(restored.status, StatusCode::SEE_OTHER, "{restored:?}");
    let tags = form("empty", "do=set-tags&key=Team&value=a+b&key=&value=x&key=B&value=").await;
    assert_eq!(tags.status, StatusCode::SEE_OTHER, "{tags:?}");
    assert_eq!(
        world.s3.lock().expect("no panic").tags["empty"],
        [("B".to_owned(), String::new()), ("Team".to_owned(), "a b".to_owned())].into()
    );
    assert_eq!(form("empty", "do=set-versioning&versioning=suspend").await.status, StatusCode::SEE_OTHER);
    assert_eq!(form("empty", "do=set-versioning").await.status, StatusCode::BAD_REQUEST);
}
