//! `/api/audit`

use nephoscope_model::identity::Role;

use crate::world::World;

#[tokio::test]
async fn administrators_see_everybody_and_others_themselves() {
    let world = World::new().await;
    let (viewer, admin) = (world.token(Role::Viewer).await, world.token(Role::Admin).await);
    world.get("/api/ec2", &viewer).await;
    world.get("/api/ec2", &admin).await;

    let own = world.get("/api/audit?actor=admin", &viewer).await.json();
    let actors: Vec<_> =
        own["records"].as_array().expect("a list").iter().map(|it| it["actor"].clone()).collect();
    assert!(!actors.is_empty() && actors.iter().all(|actor| actor == "viewer"), "{actors:?}");

    let all = world.get("/api/audit?operation=ec2.list", &admin).await.json();
    assert_eq!(all["records"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn it_is_read_a_page_at_a_time_without_gap_or_repetition() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for _ in 0..5 {
        world.get("/api/ec2", &admin).await;
    }
    let mut ids = Vec::new();
    let mut path = "/api/audit?operation=ec2.list&limit=2".to_owned();
    loop {
        let page = world.get(&path, &admin).await.json();
        ids.extend(page["records"].as_array().expect("a list").iter().map(|it| it["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/audit?operation=ec2.list&limit=2&before={next}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
}

#[tokio::test]
async fn bad_filters_are_refused() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for query in ["operation=ec2.fly", "outcome=maybe", "from=yesterday", "limit=-1", "account=1"] {
        assert_eq!(world.get(&format!("/api/audit?{query}"), &admin).await.problem().0, 400, "{query}");
    }
}
