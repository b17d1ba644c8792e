//! `/api/s3/…`.

use axum::body::{Body, Bytes};
use futures::stream;
use http::{Request, StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};

use crate::world::{ACCOUNT, Answered, REGION, World};

pub(crate) async fn world() -> World {
    let world = World::new().await;
    let mut s3 = world.s3.lock().expect("no panic");
    s3.buckets.insert("empty".to_owned(), [].into());
    let keys = ["a/1.txt", "a/b/2.txt", "a b+c%20.txt", "日本/語", "..", "z\u{1}"];
    let objects = keys.map(|key| (key.to_owned(), b"0123456789".to_vec()));
    s3.buckets.insert("things".to_owned(), objects.into());
    drop(s3);
    world
}

pub(crate) fn has(world: &World, bucket: &str, key: &str) -> bool {
    world.s3.lock().expect("no panic").buckets.get(bucket).is_some_and(|objects| objects.contains_key(key))
}

async fn upload(world: &World, query: &str, token: &str, body: Body) -> Answered {
    let request = Request::post(format!("/api/s3/upload?{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "text/plain");
    world.send(request.body(body).expect("a request")).await
}

#[tokio::test]
async fn buckets_are_listed_made_and_deleted() {
    let world = world().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let listing = world.get("/api/s3/buckets", &viewer).await.json();
    let names: Vec<_> =
        listing["items"].as_array().expect("items").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["empty", "things"]);
    assert_eq!(listing["items"][0]["region"], REGION);
    assert_eq!(listing["items"][0]["account"], ACCOUNT);
    assert_eq!(listing["items"][0]["createdAt"], "2026-01-02T03:04:05.000Z");

    let create = |body: &str| {
        let body = body.to_owned();
        let (world, token) = (&world, &operator);
        async move { world.post_json("/api/s3/create", Some(token), &body).await }
    };
    let made = create(r#"{"name": "new-one", "versioning": true}"#).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    let listing = world.get("/api/s3/buckets", &viewer).await.json();
    assert_eq!(listing["items"].as_array().map(Vec::len), Some(3), "the list does not know it: {listing}");
    assert_eq!(create(r#"{"name": "new-one"}"#).await.problem(), (409, "conflict".to_owned()));
    let taken = create(r#"{"name": "taken-by-others"}"#).await;
    assert_eq!(taken.problem(), (409, "conflict".to_owned()));
    assert!(taken.text.contains("choose another name"), "{}", taken.text);
    for bad in ["New", "a", "192.168.0.1", "a/b"] {
        let answer = create(&format!(r#"{{"name": "{bad}"}}"#)).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{bad}");
    }
    for bad in
        [r#""kmsKey": "alias/files""#, r#""encryption": "kms", "kmsKey": "a b""#, r#""encryption": "none""#]
    {
        let answer = create(&format!(r#"{{"name": "secret", {bad}}}"#)).await;
        assert_eq!(answer.problem().0, 400, "{bad}");
    }
    let secret = create(r#"{"name": "secret", "encryption": "kms", "kmsKey": "alias/files"}"#).await;
    assert_eq!(secret.status, StatusCode::OK, "{secret:?}");
    assert!(
        world
            .replay
            .requests()
            .iter()
            .any(|it| it.uri.contains("encryption") && it.text().contains("alias/files"))
    );
    let forbidden = world.post_json("/api/s3/create", Some(&viewer), r#"{"name": "mine"}"#).await;
    assert_eq!(forbidden.problem(), (403, "forbidden".to_owned()));

    let delete = |path: &'static str| world.call("DELETE", path, Some(&operator));
    assert_eq!(delete("/api/s3/things").await.problem(), (428, "confirmation_required".to_owned()));
    let full = delete("/api/s3/things?confirm=things").await;
    assert_eq!(full.problem(), (409, "conflict".to_owned()));
    assert!(full.text.contains("Delete what is in it first"), "{}", full.text);
    assert_eq!(delete("/api/s3/empty?confirm=empty").await.status, StatusCode::NO_CONTENT);
    assert_eq!(delete("/api/s3/empty?confirm=empty").await.problem(), (404, "not_found".to_owned()));
    let query = AuditQuery { operation: Some(Operation::DeleteBucket), ..AuditQuery::default() };
    let records = world.records(query).await;
    assert!(records.iter().any(|it| it.resource == "empty" && it.outcome == Outcome::Succeeded));
}

#[tokio::test]
async fn many_buckets_are_deleted_but_for_those_that_are_not_empty() {
    let world = world().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let body = r#"{"names": ["things", "empty", "absent", "empty"]}"#;
    let confirmed = "/api/s3/buckets/delete?confirm=delete%203%20buckets";
    let post = |path: &'static str, token: &str| {
        let (world, token) = (&world, token.to_owned());
        async move { world.post_json(path, Some(&token), body).await }
    };
    assert_eq!(post("/api/s3/buckets/delete?confirm=things", &operator).await.problem().0, 428);
    assert_eq!(post(confirmed, &viewer).await.problem(), (403, "forbidden".to_owned()));
    let done = post(confirmed, &operator).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let done = done.json();
    assert_eq!((&done["deleted"], &done["failed"]), (&1.into(), &2.into()));
    let results = done["results"].as_array().expect("results");
    let of = |index: usize| (results[index]["name"].as_str(), results[index]["error"]["code"].as_str());
    let expected =
        [(Some("things"), Some("conflict")), (Some("empty"), None), (Some("absent"), Some("not_found"))];
    assert_eq!([of(0), of(1), of(2)], expected);
    let listing = world.get("/api/s3/buckets", &viewer).await.json();
    assert_eq!(listing["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listing["items"][0]["name"], "things", "what is not empty stays");
    // A bucket of the contract's own words is still reached.
    assert_eq!(world.get("/api/s3/buckets/objects", &viewer).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_bucket_tells_what_it_may_and_names_what_not() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    let details = world.get("/api/s3/things", &token).await.json();
    assert_eq!(details["exposure"], "public");
    assert_eq!(details["versioning"], "Enabled");
    assert_eq!(details["publicAccessBlock"], serde_json::Value::Null);
    let untold = details["untold"].as_array().expect("a list");
    assert_eq!(untold.len(), 1, "{untold:?}");
    assert_eq!((&untold[0]["part"], &untold[0]["error"]["code"]), (&"tags".into(), &"aws_denied".into()));
    assert_eq!(world.get("/api/s3/nowhere", &token).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn what_a_list_grants_to_everybody_is_public_too() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    world.s3.lock().expect("no panic").granted = true;
    assert_eq!(world.get("/api/s3/things", &token).await.json()["exposure"], "public");
}

#[tokio::test]
async fn objects_are_browsed_a_level_and_a_page_at_a_time() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    let page = world.get("/api/s3/things/objects", &token).await.json();
    assert_eq!(page["folders"], serde_json::json!(["a/", "日本/"]));
    let keys: Vec<_> =
        page["objects"].as_array().expect("objects").iter().map(|it| it["key"].clone()).collect();
    assert_eq!(keys, ["..", "a b+c%20.txt", "z\u{1}"]);
    let below = world.get("/api/s3/things/objects?prefix=a/", &token).await.json();
    assert_eq!((&below["folders"][0], &below["objects"][0]["key"]), (&"a/b/".into(), &"a/1.txt".into()));
    assert_eq!(below["objects"][0]["size"], 10);

    let (mut after, mut seen) = (String::new(), 0);
    loop {
        let page = world.get(&format!("/api/s3/things/objects?limit=2{after}"), &token).await.json();
        seen +=
            page["folders"].as_array().map_or(0, Vec::len) + page["objects"].as_array().map_or(0, Vec::len);
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, 5);
    assert_eq!(world.get("/api/s3/things/objects?limit=0", &token).await.problem().0, 400);
}

#[tokio::test]
async fn objects_are_read_whole_or_in_part_and_run_nowhere() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    let key = "a%20b%2Bc%2520.txt";
    let whole = world.get(&format!("/api/s3/things/object?key={key}"), &token).await;
    assert_eq!((whole.status, whole.text.as_str()), (StatusCode::OK, "0123456789"));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename*=UTF-8''a%20b%2Bc%2520.txt"),
        ("content-length", "10"),
        ("etag", "\"abc\""),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.headers.get(name).and_then(|it| it.to_str().ok()), Some(value), "{name}");
    }
    let part = |range: &'static str| {
        let request = Request::get(format!("/api/s3/things/object?key={key}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::RANGE, range);
        world.send(request.body(Body::empty()).expect("a request"))
    };
    let some = part("bytes=1-2").await;
    assert_eq!((some.status, some.text.as_str()), (StatusCode::PARTIAL_CONTENT, "12"));
    assert_eq!(some.headers[header::CONTENT_RANGE], "bytes 1-2/10");
    assert_eq!(part("bytes=99-").await.status, StatusCode::RANGE_NOT_SATISFIABLE);
    let going_on = |known: &'static str, range: &'static str| {
        let request = Request::get(format!("/api/s3/things/object?key={key}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::RANGE, range)
            .header(header::IF_RANGE, known);
        world.send(request.body(Body::empty()).expect("a request"))
    };
    let same = going_on("\"abc\"", "bytes=8-").await;
    assert_eq!((same.status, same.text.as_str()), (StatusCode::PARTIAL_CONTENT, "89"));
    // Whoever has the beginning of another object is given all of this one.
    for range in ["bytes=8-", "bytes=99-"] {
        let other = going_on("\"older\"", range).await;
        assert_eq!((other.status, other.text.as_str()), (StatusCode::OK, "0123456789"), "{range}");
    }
    assert_eq!(going_on("\"abc\"", "bytes=99-").await.status, StatusCode::RANGE_NOT_SATISFIABLE);
    let missing = world.get("/api/s3/things/object?key=nothing", &token).await;
    assert_eq!(missing.problem(), (404, "not_found".to_owned()));
    let long = format!("/api/s3/things/object?key={}", "k".repeat(1_025));
    assert_eq!(world.get(&long, &token).await.problem(), (400, "invalid_input".to_owned()));
}

#[tokio::test]
async fn small_files_are_written_at_once_and_never_over_others() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    let written = upload(&world, "bucket=things&key=new/f%C3%BC.txt", &operator, Body::from("hello")).await;
    assert_eq!(written.status, StatusCode::OK, "{written:?}");
    assert_eq!((&written.json()["size"], &written.json()["etag"]), (&5.into(), &"of-one".into()));
    assert!(has(&world, "things", "new/fü.txt"));
    let again = upload(&world, "bucket=things&key=new/f%C3%BC.txt", &operator, Body::from("other")).await;
    assert_eq!(again.problem(), (409, "conflict".to_owned()));
    let over = "bucket=things&key=new/f%C3%BC.txt&overwrite=true";
    assert_eq!(upload(&world, over, &operator, Body::from("other")).await.status, StatusCode::OK);
    let viewer = world.token(Role::Viewer).await;
    let forbidden = upload(&world, "bucket=things&key=x", &viewer, Body::from("x")).await;
    assert_eq!(forbidden.problem(), (403, "forbidden".to_owned()));
    assert_eq!(upload(&world, "bucket=things&key=", &operator, Body::empty()).await.problem().0, 400);
    assert_eq!(upload(&world, "bucket=empty&key=0", &operator, Body::empty()).await.status, StatusCode::OK);
    assert!(has(&world, "empty", "0"), "an empty file is one, too");
}

#[tokio::test]
async fn large_files_go_in_parts_and_leave_nothing_behind_when_they_break_off() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    let pieces =
        |count: usize| (0..count).map(|n| Ok(Bytes::from(vec![u8::try_from(n % 251).unwrap_or(0); 1 << 20])));
    let body = Body::from_stream(stream::iter(pieces(20).collect::<Vec<Result<_, std::io::Error>>>()));
    let written = upload(&world, "bucket=empty&key=large", &operator, body).await;
    assert_eq!(written.status, StatusCode::OK, "{written:?}");
    assert_eq!(written.json()["size"], 20 << 20);
    {
        let s3 = world.s3.lock().expect("no panic");
        let content = &s3.buckets["empty"]["large"];
        assert_eq!(content.len(), 20 << 20);
        assert!(
            content
                .chunks(1 << 20)
                .enumerate()
                .all(|(n, piece)| piece.iter().all(|byte| usize::from(*byte) == n))
        );
    }

    let mut broken: Vec<Result<Bytes, std::io::Error>> = pieces(12).collect();
    broken.push(Err(std::io::Error::other("gone")));
    let answer =
        upload(&world, "bucket=empty&key=broken", &operator, Body::from_stream(stream::iter(broken))).await;
    assert_eq!(answer.problem(), (400, "invalid_input".to_owned()));
    world.s3.lock().expect("no panic").denied = Some("CompleteMultipartUpload");
    let body = Body::from_stream(stream::iter(pieces(9).collect::<Vec<Result<_, std::io::Error>>>()));
    let denied = upload(&world, "bucket=empty&key=denied", &operator, body).await;
    assert_eq!(denied.problem(), (502, "aws_denied".to_owned()));
    let s3 = world.s3.lock().expect("no panic");
    assert_eq!((s3.aborted, s3.uploads.len()), (2, 0), "parts are left");
    assert!(!s3.buckets["empty"].contains_key("broken") && !s3.buckets["empty"].contains_key("denied"));
}

#[tokio::test]
async fn an_object_is_deleted_when_its_name_was_typed() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    let delete = |query: &'static str| {
        let path = format!("/api/s3/things/object?{query}");
        let (world, operator) = (&world, &operator);
        async move { world.call("DELETE", &path, Some(operator)).await }
    };
    assert_eq!(delete("key=a/b/2.txt").await.problem(), (428, "confirmation_required".to_owned()));
    assert_eq!(delete("key=a/b/2.txt&confirm=a/b/2.txt").await.problem().0, 428);
    assert_eq!(delete("key=a/b/2.txt&confirm=2.txt").await.status, StatusCode::NO_CONTENT);
    assert!(!has(&world, "things", "a/b/2.txt") && has(&world, "things", "a/1.txt"));
    assert_eq!(delete("key=a/b/2.txt&confirm=2.txt").await.problem(), (404, "not_found".to_owned()));
    // What is archived, or may not be read, can be deleted all the same.
    world.s3.lock().expect("no panic").archived.insert("a/1.txt".to_owned());
    assert_eq!(delete("key=a/1.txt&confirm=1.txt").await.status, StatusCode::NO_CONTENT);
    assert!(!has(&world, "things", "a/1.txt"));
    world.s3.lock().expect("no panic").denied = Some("GetObject");
    assert_eq!(
        delete("key=a%20b%2Bc%2520.txt&confirm=a%20b%2Bc%2520.txt").await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn what_was_written_is_not_taken_for_somebody_elses_when_the_answer_was_lost() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    let lose = |operation| world.s3.lock().expect("no panic").lost = Some(operation);
    lose("CompleteMultipartUpload");
    let body = Body::from(vec![0; 9 << 20]);
    let written = upload(&world, "bucket=empty&key=large", &operator, body).await;
    assert_eq!((written.status, &written.json()["size"]), (StatusCode::OK, &(9 << 20).into()), "{written:?}");
    assert!(has(&world, "empty", "large"));
    // Without a checksum nobody knows whose it is, but it is not called another's.
    lose("PutObject");
    let unknown = upload(&world, "bucket=empty&key=small", &operator, Body::from("x")).await;
    assert_eq!(unknown.problem().1, "aws_unavailable");
    lose("CreateBucket");
    let body = serde_json::json!({ "name": "fresh-one", "account": crate::world::ACCOUNT, "region": crate::world::REGION });
    let made = world.post_json("/api/s3/create", Some(&operator), &body.to_string()).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
}
