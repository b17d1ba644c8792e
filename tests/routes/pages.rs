//! The pages, as a browser without JavaScript gets them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::{StatusCode, header};
use nephoscope::server::router;
use nephoscope_model::identity::Role;

use crate::world::{RUNNING, World};

async fn cookie(world: &World, role: Role) -> String {
    format!("nephoscope_token={}", world.token(role).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_logged_in_is_led_to_the_log_in_page_and_back() {
    let world = World::new().await;
    let page = world.page("/ec2?q=web&account=111111111111", "").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let location = page.headers[header::LOCATION].to_str().expect("text");
    assert!(location.starts_with("/login?next=/ec2%3F"), "{location}");
    let login = world.page(location, "").await;
    assert_eq!(login.status, StatusCode::OK);
    assert!(login.text.contains("type=\"password\"") && login.text.contains("name=\"next\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_html_holds_the_data() {
    let world = World::new().await;
    let cookie = cookie(&world, Role::Viewer).await;
    for (path, text) in [
        ("/ec2", "web-1"),
        ("/ec2?q=web-1", RUNNING),
        ("/dashboard", "us-east-1"),
        ("/logs", "/app/web"),
        ("/activity", "ec2.list"),
        ("/api-docs", "/api/ec2/stop/{id}"),
    ] {
        let page = world.page(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(text), "{text} is not in {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_forbids_scripts_that_are_not_its_own_and_is_not_stored() {
    let world = World::new().await;
    let cookie = cookie(&world, Role::Viewer).await;
    for path in ["/dashboard", "/ec2", "/logs", "/activity", "/login", "/nothing"] {
        let page = world.page(path, &cookie).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
        assert!(!nonce.is_empty() && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path}");
        // Each inline script carries the nonce of this very answer.
        for script in page.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(
                tag.contains("src=") || tag.contains(nonce) || tag.contains("application/"),
                "{path}: <script{tag}>"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_from_aws_is_only_ever_text() {
    let world = World::new().await;
    world.instances.lock().expect("no panic")[0].tags[0].value =
        "</title><img src=x onerror=alert(1)>\"'&".to_owned();
    let cookie = cookie(&world, Role::Viewer).await;
    for path in
        ["/ec2".to_owned(), format!("/ec2/{RUNNING}?at=111111111111/us-east-1"), "/dashboard".to_owned()]
    {
        let page = world.page(&path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.contains("<img src=x"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_percent_sign_in_the_address_is_one() {
    let world = World::new().await;
    let cookie = cookie(&world, Role::Viewer).await;
    for path in ["/activity?resource=50%2541", "/ec2?q=50%2541", "/logs?find=50%2541"] {
        let page = world.page(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        // In its own field, and in the form of the scope, which carries it along.
        assert!(page.text.matches("value=\"50%41\"").count() >= 2, "{path}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_does_not_exist_is_a_404_that_says_so() {
    let world = World::new().await;
    let cookie = cookie(&world, Role::Viewer).await;
    let page = world.page("/ec2/i-0000000000000000f?at=111111111111/us-east-1", &cookie).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("i-0000000000000000f"));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_functions_have_stable_unique_paths_and_refuse_strangers() {
    let world = World::new().await;
    let mut paths: Vec<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.sort();
    let expected = [
        "accounts/discover",
        "accounts/list",
        "accounts/test",
        "audit/follow",
        "audit/query",
        "docs/openapi",
        "ec2/change",
        "ec2/change_many",
        "ec2/change_tags",
        "ec2/console_output",
        "ec2/console_screenshot",
        "ec2/get",
        "ec2/launch",
        "ec2/launch_check",
        "ec2/launch_choices",
        "ec2/list",
        "ec2/price",
        "ec2/prices",
        "ec2/protection",
        "ec2/resources",
        "ec2/set_protection",
        "ec2/set_tags",
        "ec2/set_type",
        "ec2/status",
        "ec2/statuses",
        "ec2/terminate",
        "ec2/termination_end",
        "ec2/terminations",
        "ec2/types",
        "ec2/undo_terminate",
        "estate/accounts",
        "lambda/concurrency",
        "lambda/delete",
        "lambda/delete_alias",
        "lambda/delete_many",
        "lambda/environment",
        "lambda/errors",
        "lambda/events",
        "lambda/get",
        "lambda/invoke",
        "lambda/list",
        "lambda/log",
        "lambda/metrics",
        "lambda/publish",
        "lambda/remove_event",
        "lambda/rollback",
        "lambda/save_event",
        "lambda/set_alias",
        "logs/groups",
        "logs/last",
        "logs/streams",
        "me/get",
        "metrics/list",
        "metrics/series",
        "people/get",
        "people/list",
        "s3/cancel_emptying",
        "s3/count",
        "s3/delete_many",
        "s3/delete_objects",
        "s3/empty",
        "s3/emptying",
        "s3/list",
        "s3/object",
        "s3/objects",
        "s3/presign",
        "s3/properties",
        "s3/search",
        "s3/versions",
        "scopes/list",
        "session/viewer",
        "usage/read",
    ];
    assert_eq!(paths, expected.map(|path| format!("/api/fn/{path}")));
    for (path, body) in [
        ("ec2/list", r#"{"scope":{},"fresh":false}"#),
        ("audit/query", r#"{"query":{}}"#),
        ("estate/accounts", "{}"),
        (
            "ec2/change",
            r#"{"place":{"account":"111111111111","region":"us-east-1"},"id":"i-0000000000000000a","action":"stop","confirmation":null}"#,
        ),
    ] {
        let answer = world.post_json(&format!("/api/fn/{path}"), None, body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {answer:?}");
    }
    let viewer = world.token(Role::Viewer).await;
    let stop = r#"{"place":{"account":"111111111111","region":"us-east-1"},"id":"i-0000000000000000a","action":"stop","confirmation":null}"#;
    let answer = world.post_json("/api/fn/ec2/change", Some(&viewer), stop).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_does_not_wait_for_ever_when_another_server_starts_beside_it() {
    let world = World::new().await;
    let cookie = cookie(&world, Role::Viewer).await;
    let (app, over) = (world.app.clone(), Arc::new(AtomicBool::new(false)));
    let starting = tokio::task::spawn_blocking({
        let over = Arc::clone(&over);
        move || {
            while !over.load(Ordering::Relaxed) {
                drop(router::router(&app));
            }
        }
    });
    // Each page must fall into the moment when the other server looks for its paths: so not one page, but many.
    let mut answers = Vec::new();
    for path in ["/ec2", "/dashboard", "/activity", "/logs"].repeat(25) {
        answers.push((path, world.page(path, &cookie).await.status));
    }
    over.store(true, Ordering::Relaxed);
    starting.await.expect("servers start");
    for (path, status) in answers {
        assert_eq!(status, StatusCode::OK, "{path}");
    }
}
