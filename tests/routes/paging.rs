//! Pages of the lists over accounts and regions.

use http::StatusCode;
use nephoscope_model::{Scope, identity::Role};
use nephoscope_ops::Caller;
use serde_json::{Value, json};

use crate::world::{Answered, RUNNING, STOPPED, World};

/// Every list that has pages.
const LISTS: [&str; 11] = [
    "/api/ec2/instances",
    "/api/ec2/volumes",
    "/api/ec2/snapshots",
    "/api/ec2/addresses",
    "/api/ec2/security-groups",
    "/api/ec2/status",
    "/api/ec2/prices",
    "/api/s3/buckets",
    "/api/lambda/functions",
    "/api/lambda/metrics",
    "/api/log/groups",
];

/// A world with several instances of two kinds, in another order than that of their ids, and with several buckets.
async fn world() -> (World, String) {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    {
        let mut instances = world.instances.lock().expect("no panic");
        for (id, name) in [("i-0000000000000000d", "a"), ("i-0000000000000000c", "z")] {
            let mut one = instances[0].clone();
            (one.id, one.name) = (id.parse().expect("an id"), name.to_owned());
            one.tags[0].value = name.to_owned();
            one.instance_type = "t3.large".to_owned();
            instances.push(one);
        }
    }
    for name in ["zebra", "ape"] {
        let made =
            world.post_json("/api/s3/create", Some(&token), &json!({ "name": name }).to_string()).await;
        assert!(made.status.is_success(), "{made:?}");
    }
    (world, token)
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("items").clone()
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|item| item["id"].as_str()).collect()
}

/// The pages of a list until there is no next.
async fn walk(world: &World, token: &str, list: &str, limit: usize) -> Vec<Value> {
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("{list}?limit={limit}{after}"), token).await;
        assert_eq!(answer.status, StatusCode::OK, "{list}: {answer:?}");
        let page = answer.json();
        let next = page.get("next").map(|next| next.as_str().expect("text").to_owned());
        pages.push(page);
        let Some(next) = next else { return pages };
        after = format!("&after={next}");
        assert!(pages.len() < 100, "{list} has no end");
    }
}

fn sorted(mut items: Vec<Value>) -> Vec<String> {
    items.sort_by_key(Value::to_string);
    items.iter().map(Value::to_string).collect()
}

#[tokio::test]
async fn pages_of_one_item_are_the_whole_of_every_list() {
    let (world, token) = world().await;
    for list in LISTS {
        let whole = world.get(list, &token).await.json();
        let all = items(&whole);
        assert!(!all.is_empty(), "{list}: {whole}");
        let pages = walk(&world, &token, list, 1).await;
        assert!(pages.iter().all(|page| items(page).len() == 1), "{list}: {pages:?}");
        let walked: Vec<Value> = pages.iter().flat_map(items).collect();
        assert_eq!(sorted(walked), sorted(all), "{list}");
        for page in &pages {
            assert_eq!(page["sources"], whole["sources"], "{list}");
        }
    }
}

#[tokio::test]
async fn instances_come_by_their_ids_and_the_last_page_has_no_next() {
    let (world, token) = world().await;
    let list = "/api/ec2/instances";
    let in_order = [RUNNING, STOPPED, "i-0000000000000000c", "i-0000000000000000d"];
    for (limit, lengths) in [(1, vec![1, 1, 1, 1]), (2, vec![2, 2]), (3, vec![3, 1]), (1000, vec![4])] {
        let pages = walk(&world, &token, list, limit).await;
        let items: Vec<Vec<Value>> = pages.iter().map(items).collect();
        assert_eq!(items.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{limit}");
        assert_eq!(ids(&items.concat()), in_order, "{limit}");
        assert!(pages.last().is_some_and(|page| page.get("next").is_none()), "{limit}");
    }
    // To go on, no limit is needed.
    let first = world.get(&format!("{list}?limit=1"), &token).await.json();
    let path = format!("{list}?after={}", first["next"].as_str().expect("a next"));
    let rest = world.get(&path, &token).await.json();
    assert_eq!(ids(&items(&rest)), in_order[1..]);
    assert_eq!(rest.get("next"), None);
}

#[tokio::test]
async fn without_a_limit_a_page_that_goes_on_has_a_hundred_items() {
    let (world, token) = world().await;
    {
        let mut instances = world.instances.lock().expect("no panic");
        for number in 0..150 {
            let mut one = instances[0].clone();
            one.id = format!("i-1{number:016}").parse().expect("an id");
            instances.push(one);
        }
    }
    let first = world.get("/api/ec2/instances?limit=1", &token).await.json();
    let path = format!("/api/ec2/instances?after={}", first["next"].as_str().expect("a next"));
    let page = world.get(&path, &token).await.json();
    assert_eq!(items(&page).len(), 100);
    assert!(page["next"].is_string(), "{page}");
}

#[tokio::test]
async fn a_page_is_right_when_an_instance_went_and_another_came() {
    let (world, token) = world().await;
    let first = world.get("/api/ec2/instances?limit=2", &token).await.json();
    assert_eq!(ids(&items(&first)), [RUNNING, STOPPED]);
    {
        let mut instances = world.instances.lock().expect("no panic");
        instances.retain(|one| one.id.as_str() != STOPPED);
        let mut one = instances[0].clone();
        one.id = "i-00000000000000001".parse().expect("an id");
        instances.push(one);
    }
    let path =
        format!("/api/ec2/instances?fresh=true&limit=2&after={}", first["next"].as_str().expect("a next"));
    let second = world.get(&path, &token).await.json();
    assert_eq!(ids(&items(&second)), ["i-0000000000000000c", "i-0000000000000000d"]);
    assert_eq!(second.get("next"), None);
}

#[tokio::test]
async fn without_parameters_a_list_is_what_it_was() {
    let (world, token) = world().await;
    let caller = Caller::system();
    let listing = world.app.ops().list_instances(&caller, &Scope::default(), false).await.expect("a list");
    let written = serde_json::to_string(&listing).expect("JSON");
    // The short path has no pages: it gives all, whatever else stands in its query.
    for path in ["/api/ec2/instances", "/api/ec2", "/api/ec2?limit=1"] {
        assert_eq!(world.get(path, &token).await.text, written, "{path}");
    }
    let listing = world.app.ops().list_volumes(&caller, &Scope::default(), false).await.expect("a list");
    let written = serde_json::to_string(&listing).expect("JSON");
    assert_eq!(world.get("/api/ec2/volumes", &token).await.text, written);
    for list in LISTS {
        let whole = world.get(list, &token).await.json();
        let fields: Vec<_> = whole.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(fields, ["items", "sources"], "{list}");
    }
}

fn is_refused(answer: &Answered, what: &str) {
    assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{what}");
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_refused_before_aws_is_asked() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for list in LISTS {
        for query in ["limit=0", "limit=1001", "limit=x", "limit=-1", "limit=", "limit=70000"] {
            is_refused(&world.get(&format!("{list}?{query}"), &token).await, &format!("{list}?{query}"));
        }
        // Nothing, no base64url, base64url of no key, and with padding.
        for after in ["", "%21", "i-0000000000000000a", "aGVsbG8", "Ly9p%3D"] {
            let answer = world.get(&format!("{list}?limit=5&after={after}"), &token).await;
            is_refused(&answer, &format!("{list}: {after}"));
            assert!(answer.json()["hint"].as_str().is_some_and(|hint| hint.contains("next")), "{answer:?}");
        }
        let stranger = world.call("GET", &format!("{list}?limit=0"), None).await;
        assert_eq!(stranger.problem(), (401, "unauthenticated".to_owned()), "{list}");
    }
    assert!(world.replay.requests().is_empty(), "{:?}", world.replay.operations());
}

#[tokio::test]
async fn the_document_says_limit_after_and_next() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let document = world.get("/api/openapi.json", &token).await.json();
    for list in LISTS {
        let operation = &document["paths"][list]["get"];
        let parameters = operation["parameters"].as_array().expect("parameters");
        let parameter = |name: &str| parameters.iter().find(|one| one["name"] == name).expect(name);
        let limit = parameter("limit");
        assert_eq!(
            (&limit["required"], &limit["schema"]["maximum"]),
            (&json!(false), &json!(1000)),
            "{list}"
        );
        assert_eq!(parameter("after")["in"], "query", "{list}");
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        let schema = schema.as_str().and_then(|path| path.strip_prefix('#')).expect("a reference");
        let schema = document.pointer(schema).expect("a schema");
        assert!(schema["properties"]["next"].is_object(), "{list}: {schema}");
        assert_eq!(schema["required"], json!(["items", "sources"]), "{list}");
    }
}
