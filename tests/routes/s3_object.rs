//! `/api/s3/{name}/…` of one object and of many: details, versions, copies, links, previews, searching, deleting.

use axum::body::Body;
use http::{HeaderValue, Request, StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use serde_json::{Value, json};

use crate::{
    s3::{has, world},
    s3_history,
    world::{Answered, World},
};

async fn post(world: &World, path: &str, token: &str, body: Value) -> Answered {
    world.post_json(path, Some(token), &body.to_string()).await
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|it| it[field].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn many_are_deleted_with_one_confirmation_and_each_tells_what_became_of_it() {
    let world = world().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    world.s3.lock().expect("no panic").locked.insert("..".to_owned());
    let path = "/api/s3/things/objects/delete";
    let body =
        json!({"keys": [{"key": "a b+c%20.txt"}, {"key": ".."}, {"key": "z\u{1}"}], "prefixes": ["a/"]});
    assert_eq!(post(&world, path, &operator, body.clone()).await.problem().0, 428);
    let confirmed = "/api/s3/things/objects/delete?confirm=things";
    assert_eq!(post(&world, confirmed, &viewer, body.clone()).await.problem(), (403, "forbidden".to_owned()));
    assert!(has(&world, "things", "a/1.txt"), "nothing was deleted without a right to");

    let done = post(&world, confirmed, &operator, body).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let done = done.json();
    assert_eq!((&done["deleted"], &done["failed"]), (&4.into(), &1.into()), "{done}");
    assert_eq!(texts(&done["results"], "key"), ["a b+c%20.txt", "..", "z\u{1}", "a/1.txt", "a/b/2.txt"]);
    assert_eq!(done["results"][1]["error"]["code"], "aws_denied");
    let left: Vec<String> = world.s3.lock().expect("no panic").buckets["things"].keys().cloned().collect();
    assert_eq!(left, ["..", "日本/語"]);
    let query = AuditQuery { operation: Some(Operation::DeleteObjects), ..AuditQuery::default() };
    let records = world.records(query).await;
    assert!(records[0].detail.starts_with("4 deleted, 1 failed"), "{:?}", records[0]);
    assert!(records[1].detail.contains("all below a/"), "{:?}", records[1]);

    for bad in [json!({}), json!({"keys": [{"key": ""}]}), json!({"prefixes": [""]})] {
        let answer = post(&world, confirmed, &operator, bad.clone()).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn thousands_are_deleted_in_batches_and_too_many_are_not() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    let fill = |count: usize| {
        let objects = (0..count).map(|n| (format!("p/{n:05}"), Vec::new()));
        world.s3.lock().expect("no panic").buckets.insert("empty".to_owned(), objects.collect());
    };
    fill(10_001);
    let count = world.get("/api/s3/empty/count?prefix=p/", &operator).await.json();
    assert_eq!((&count["objects"], &count["more"]), (&10_000.into(), &true.into()));
    let path = "/api/s3/empty/objects/delete?confirm=empty";
    let body = json!({"prefixes": ["p/"]});
    assert_eq!(post(&world, path, &operator, body.clone()).await.problem().0, 400);
    assert_eq!(world.s3.lock().expect("no panic").buckets["empty"].len(), 10_001);
    fill(2_500);
    let count = world.get("/api/s3/empty/count?prefix=p/", &operator).await.json();
    assert_eq!((&count["objects"], &count["more"]), (&2_500.into(), &false.into()));
    let done = post(&world, path, &operator, body).await.json();
    assert_eq!((&done["deleted"], &done["failed"]), (&2_500.into(), &0.into()));
    let s3 = world.s3.lock().expect("no panic");
    assert_eq!((s3.batches, s3.buckets["empty"].len()), (3, 0));
}

#[tokio::test]
async fn an_object_tells_all_that_is_known_of_it() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    let told = world.get("/api/s3/things/object/details?key=a%20b%2Bc%2520.txt", &token).await.json();
    let object = &told["object"];
    assert_eq!((&object["size"], &object["contentType"]), (&10.into(), &"text/plain".into()));
    assert_eq!((&object["checksum"], &object["encryption"]), (&"CRC32 poTHxg==".into(), &"AES256".into()));
    assert_eq!(object["storageClass"], "STANDARD");
    assert_eq!(object["metadata"], json!({"who": "me"}));
    assert_eq!(object["tags"], json!([{"key": "team", "value": "a b"}]));
    assert_eq!(told["versions"][0]["versionId"], "null");
    let missing = world.get("/api/s3/things/object/details?key=nothing", &token).await;
    assert_eq!(missing.problem(), (404, "not_found".to_owned()));
}

/// A bucket that keeps versions, with an object written twice and another one written and deleted.
async fn versioned() -> World {
    let world = world().await;
    {
        let mut s3 = world.s3.lock().expect("no panic");
        s3.versioned.insert("empty".to_owned());
        for (key, content) in [("f/a.txt", "one"), ("f/a.txt", "two"), ("f/gone", "here")] {
            s3_history::put(&mut s3, "empty", key, content.as_bytes().to_vec());
        }
    }
    let operator = world.token(Role::Operator).await;
    let gone = world.call("DELETE", "/api/s3/empty/object?key=f/gone&confirm=gone", Some(&operator)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    world
}

fn content(world: &World, key: &str) -> Option<String> {
    let s3 = world.s3.lock().expect("no panic");
    s3.buckets["empty"].get(key).map(|content| String::from_utf8_lossy(content).into_owned())
}

#[tokio::test]
async fn versions_are_listed_read_and_restored() {
    let world = versioned().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let top = world.get("/api/s3/empty/versions", &viewer).await.json();
    assert_eq!(top["folders"], json!(["f/"]));
    let page = world.get("/api/s3/empty/versions?prefix=f/", &viewer).await.json();
    assert_eq!(texts(&page["versions"], "versionId"), ["v2", "v1", "v4", "v3"]);
    assert_eq!(page["versions"][2]["isDeleteMarker"], true);
    let old = world.get("/api/s3/empty/object?key=f/a.txt&versionId=v1", &viewer).await;
    assert_eq!((old.status, old.text.as_str()), (StatusCode::OK, "one"));

    let restore = |key: &'static str, version: &'static str, token: &str| {
        let (world, token) = (&world, token.to_owned());
        async move {
            post(world, "/api/s3/empty/restore", &token, json!({"key": key, "versionId": version})).await
        }
    };
    assert_eq!(restore("f/a.txt", "v1", &viewer).await.problem().0, 403);
    assert_eq!(restore("f/a.txt", "v2", &operator).await.problem(), (409, "conflict".to_owned()));
    assert_eq!(restore("f/a.txt", "v9", &operator).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(restore("f/a.txt", "v1", &operator).await.status, StatusCode::NO_CONTENT);
    assert_eq!(content(&world, "f/a.txt").as_deref(), Some("one"));
    assert_eq!(content(&world, "f/gone"), None);
    assert_eq!(restore("f/gone", "v4", &operator).await.status, StatusCode::NO_CONTENT);
    assert_eq!(content(&world, "f/gone").as_deref(), Some("here"));

    let gone = json!({"keys": [{"key": "f/a.txt", "version_id": "v2"}]});
    let done = post(&world, "/api/s3/empty/objects/delete?confirm=empty", &operator, gone).await.json();
    assert_eq!(done["deleted"], 1);
    let page = world.get("/api/s3/empty/versions?prefix=f/a", &viewer).await.json();
    assert_eq!(texts(&page["versions"], "versionId"), ["v5", "v1"]);
}

#[tokio::test]
async fn objects_are_copied_and_renamed_and_never_over_others() {
    let world = world().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let path = "/api/s3/things/copy";
    let copy = json!({"key": "a b+c%20.txt", "to": "新/ü 1"});
    assert_eq!(post(&world, path, &viewer, copy.clone()).await.problem().0, 403);
    let made = post(&world, path, &operator, copy.clone()).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    assert_eq!((&made.json()["key"], &made.json()["size"]), (&"新/ü 1".into(), &10.into()));
    assert!(has(&world, "things", "新/ü 1") && has(&world, "things", "a b+c%20.txt"));
    assert_eq!(post(&world, path, &operator, copy).await.problem(), (409, "conflict".to_owned()));
    let rename = json!({"key": "新/ü 1", "to": "..", "rename": true});
    assert_eq!(post(&world, path, &operator, rename).await.problem().0, 409);
    let rename = json!({"key": "新/ü 1", "to": "..", "rename": true, "overwrite": true});
    assert_eq!(post(&world, path, &operator, rename).await.status, StatusCode::OK);
    assert!(has(&world, "things", "..") && !has(&world, "things", "新/ü 1"));
    let same = json!({"key": "..", "to": ".."});
    assert_eq!(post(&world, path, &operator, same).await.problem(), (400, "invalid_input".to_owned()));
    let missing = json!({"key": "nothing", "to": "x"});
    assert_eq!(post(&world, path, &operator, missing).await.problem(), (404, "not_found".to_owned()));
    let query = AuditQuery { operation: Some(Operation::RenameObject), ..AuditQuery::default() };
    let records = world.records(query).await;
    assert_eq!((&*records[0].resource, records[0].outcome), ("things/新/ü 1", Outcome::Succeeded));
    assert_eq!(records[0].after.get("key").map(String::as_str), Some(".."));
}

#[tokio::test]
async fn a_copy_above_five_gib_goes_in_parts_and_leaves_nothing_behind_when_it_fails() {
    let world = world().await;
    let operator = world.token(Role::Operator).await;
    let copy = |to: &str| post_copy(&world, &operator, json!({"key": "huge", "to": to}));
    {
        let mut s3 = world.s3.lock().expect("no panic");
        s3.buckets.get_mut("things").expect("a bucket").insert("huge".to_owned(), b"x".to_vec());
    }
    let made = copy("huge copy").await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    assert_eq!(made.json()["size"], 6_u64 << 30);
    {
        let mut s3 = world.s3.lock().expect("no panic");
        s3.copied.sort();
        assert_eq!((s3.copied.len(), s3.copied[0].as_str()), (6, "bytes=0-1073741823"));
        assert!(s3.copied.contains(&"bytes=5368709120-6442450943".to_owned()));
        s3.denied = Some("UploadPartCopy");
    }
    assert_eq!(copy("another").await.problem(), (502, "aws_denied".to_owned()));
    let s3 = world.s3.lock().expect("no panic");
    assert_eq!((s3.aborted, s3.uploads.len()), (1, 0), "parts are left");
    assert!(!s3.buckets["things"].contains_key("another"));
}

async fn post_copy(world: &World, token: &str, body: Value) -> Answered {
    post(world, "/api/s3/things/copy", token, body).await
}

#[tokio::test]
async fn a_link_is_made_for_a_while_and_recorded_without_itself() {
    let world = world().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let path = "/api/s3/things/presign";
    let ask = |key: &str, seconds: u32| json!({"key": key, "expiresIn": seconds});
    assert_eq!(post(&world, path, &viewer, ask("..", 60)).await.problem().0, 403);
    for seconds in [59, 604_801] {
        let answer = post(&world, path, &operator, ask("..", seconds)).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()));
    }
    assert_eq!(post(&world, path, &operator, ask("nothing", 60)).await.problem().0, 404);
    let link = post(&world, path, &operator, ask("a b+c%20.txt", 900)).await.json();
    let url = link["url"].as_str().expect("a link");
    assert!(url.starts_with("https://things.s3.us-east-1.amazonaws.com/a%20b%2Bc%2520.txt?"), "{url}");
    assert!(url.contains("X-Amz-Expires=900&") && url.contains("X-Amz-SignedHeaders=host&"), "{url}");
    assert_eq!(link["endsWithCredentials"], false);
    let query = AuditQuery { operation: Some(Operation::PresignObject), ..AuditQuery::default() };
    let records = world.records(query).await;
    assert!(records[0].detail.starts_with("until 20"), "{:?}", records[0]);
    assert!(records.iter().all(|record| !format!("{record:?}").contains("X-Amz-Signature")));
}

#[tokio::test]
async fn what_is_previewed_never_runs() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    {
        let mut s3 = world.s3.lock().expect("no panic");
        let objects = s3.buckets.get_mut("things").expect("a bucket");
        objects.insert("evil.html".to_owned(), b"<script>alert(1)</script>".to_vec());
        objects.insert("image".to_owned(), b"\x89PNG\r\n\x1a\n0123".to_vec());
        objects.insert("binary".to_owned(), vec![0; 20]);
        objects.insert("long".to_owned(), vec![b'x'; (1 << 20) + 5]);
        objects.insert("nothing".to_owned(), Vec::new());
        let mut large = b"GIF89a".to_vec();
        large.resize((10 << 20) + 1, 0);
        objects.insert("large.gif".to_owned(), large);
    }
    let preview = |key: &'static str, range: Option<&'static str>| {
        let mut request = Request::get(format!("/api/s3/things/preview?key={key}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        world.send(request.body(Body::empty()).expect("a request"))
    };
    // A text is compressed on its way.
    let request = Request::get("/api/s3/things/preview?key=long")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT_ENCODING, "gzip");
    let packed = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(
        (packed.status, &packed.headers[header::CONTENT_ENCODING]),
        (StatusCode::OK, &HeaderValue::from_static("gzip"))
    );
    assert!(!packed.text.is_empty(), "it comes to its end");

    let evil = preview("evil.html", None).await;
    assert_eq!((evil.status, evil.text.as_str()), (StatusCode::OK, "<script>alert(1)</script>"));
    for (name, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", "inline; filename*=UTF-8''evil.html"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ] {
        assert_eq!(evil.headers.get(name).and_then(|it| it.to_str().ok()), Some(value), "{name}");
    }
    assert_eq!(preview("image", None).await.headers[header::CONTENT_TYPE], "image/png");
    assert_eq!(preview("binary", None).await.problem(), (400, "invalid_input".to_owned()));
    assert_eq!(preview("large.gif", None).await.problem(), (413, "payload_too_large".to_owned()));
    assert_eq!(preview("gone", None).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(preview("nothing", None).await.status, StatusCode::OK);
    let long = preview("long", None).await;
    assert_eq!((long.status, long.text.len()), (StatusCode::OK, 1 << 20));
    let part = preview("long", Some("bytes=1048570-")).await;
    assert_eq!((part.status, part.text.as_str()), (StatusCode::PARTIAL_CONTENT, "xxxxxx"));
    assert_eq!(preview("long", Some("bytes=1048576-")).await.status, StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test]
async fn keys_are_searched_as_far_as_is_said() {
    let world = world().await;
    let token = world.token(Role::Viewer).await;
    let found = world.get("/api/s3/things/search?q=TXT", &token).await.json();
    assert_eq!(texts(&found["objects"], "key"), ["a b+c%20.txt", "a/1.txt", "a/b/2.txt"]);
    assert_eq!((&found["lookedAt"], &found["next"]), (&6.into(), &Value::Null));
    let below = world.get("/api/s3/things/search?q=txt&prefix=a/b", &token).await.json();
    assert_eq!(texts(&below["objects"], "key"), ["a/b/2.txt"]);
    for none in ["", "%20", "size:"] {
        assert_eq!(world.get(&format!("/api/s3/things/search?q={none}"), &token).await.problem().0, 400);
    }
    let narrowed = world.get("/api/s3/things/search?q=txt%20-key:a/%20size:%3C1kB", &token).await.json();
    assert_eq!(texts(&narrowed["objects"], "key"), ["a b+c%20.txt"]);
    let quoted = world.get("/api/s3/things/search?q=%22a%20b%22", &token).await.json();
    assert_eq!(texts(&quoted["objects"], "key"), ["a b+c%20.txt"]);
    let large = world.get("/api/s3/things/search?q=size:%3E1kB", &token).await.json();
    assert_eq!((texts(&large["objects"], "key"), &large["lookedAt"]), (vec![], &6.into()));

    let objects = (0..25_000).map(|n| (format!("{n:05}"), Vec::new()));
    world.s3.lock().expect("no panic").buckets.insert("empty".to_owned(), objects.collect());
    let none = world.get("/api/s3/empty/search?q=x", &token).await.json();
    assert_eq!((&none["lookedAt"], &none["next"]), (&20_000.into(), &"19999".into()));
    let rest = world.get("/api/s3/empty/search?q=24&after=19999", &token).await.json();
    assert_eq!((&rest["lookedAt"], &rest["next"]), (&4_021.into(), &"24020".into()), "200 are enough");
    assert_eq!(rest["objects"].as_array().map(Vec::len), Some(200));
}
