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
    assert_eq!(streams.json(), serde_json::json!({ "items": [] }));
    let page = world.get("/api/log/streams?logGroupName=/app/web&limit=2&after=a/b%2B%3D", &token).await;
    assert_eq!(page.json(), serde_json::json!({ "items": [] }));
    let asked = world.replay.requests();
    let asked: Vec<_> = asked.iter().filter(|it| it.operation() == "DescribeLogStreams").collect();
    assert_eq!(
        (&asked[0].json()["limit"], &asked[0].json()["nextToken"]),
        (&50.into(), &serde_json::Value::Null)
    );
    assert_eq!((&asked[1].json()["limit"], &asked[1].json()["nextToken"]), (&2.into(), &"a/b+=".into()));
    for bad in ["0", "10001", "-1", "x"] {
        let path = format!("/api/log/streams?logGroupName=/app/web&limit={bad}");
        assert_eq!(world.get(&path, &token).await.problem(), (400, "invalid_input".to_owned()), "{bad}");
    }
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
