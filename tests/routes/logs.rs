//! `/api/log/…`

use nephoscope_model::identity::Role;

use crate::world::World;

#[tokio::test]
async fn groups_and_streams_are_listed() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let groups = world.get("/api/log/groups", &token).await.json();
    assert_eq!(groups["items"][0]["name"], "/app/web");
    let streams = world.get("/api/log/streams?logGroupName=/app/web", &token).await;
    assert_eq!(streams.json(), serde_json::json!([]));
}

#[tokio::test]
async fn a_group_must_be_named_and_well_formed() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for path in ["/api/log/streams", "/api/log/streams?logGroupName=", "/api/log/streams?logGroupName=a%20b"]
    {
        assert_eq!(world.get(path, &token).await.problem(), (400, "invalid_input".to_owned()), "{path}");
    }
}
