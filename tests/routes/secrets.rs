//! Secrets at rest: a copy of the store, whichever it is, tells nothing without the master key.

use std::{fs, path::Path, sync::Arc};

use futures::TryStreamExt;
use http::StatusCode;
use mongodb::bson::{RawDocumentBuf, doc};
use nephoscope_model::{
    account::{AccountInput, CredentialsKind},
    audit::AuditQuery,
    identity::Role,
    scope::AccountColor,
};
use nephoscope_ops::{Caller, Ops, SigningKey};
use nephoscope_store::MongoStore;
use secrecy::SecretString;

use crate::{
    accounts::{EXTERNAL, KEY, SECRET, add, by_key, by_role},
    world::World,
};

/// Everything that lies in the folder but the master key, byte by byte.
fn copy_of_the_store(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name != "master.key") {
            bytes.extend(fs::read(&path).expect("a file"));
        }
    }
    bytes
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_store_or_in_anything_that_is_said() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for body in [by_key(), by_role()] {
        assert_eq!(add(&world, &admin, &body).await.status, StatusCode::CREATED);
    }
    let store = copy_of_the_store(world.data());
    assert!(contains(&store, KEY), "the account is there");
    for secret in [SECRET, EXTERNAL] {
        assert!(!contains(&store, secret), "a copy of the database and its log holds {secret}");
    }
    let cookie = format!("nephoscope_token={admin}");
    let mut said = vec![
        world.get("/api/accounts", &admin).await.text,
        world.get("/api/audit", &admin).await.text,
        world.call("POST", "/api/accounts/444444444444/test", Some(&admin)).await.text,
        world.page("/settings/accounts", &cookie).await.text,
        world.page("/settings/accounts?edit=444444444444", &cookie).await.text,
        world.page("/settings/accounts?edit=555555555555", &cookie).await.text,
        world.page("/settings/accounts?test=555555555555", &cookie).await.text,
        world.page("/activity", &cookie).await.text,
        format!("{:?}", world.app),
        format!("{:?}", world.app.ops().list_accounts(&Caller::system()).await),
    ];
    said.extend(world.records(AuditQuery::default()).await.iter().map(|record| format!("{record:?}")));
    assert!(said[3].contains("fourth") && said[4].contains(KEY), "the pages show what they may: {}", said[3]);
    for text in said {
        assert!(!text.contains(SECRET) && !text.contains(EXTERNAL), "{text}");
        assert!(!text.contains("v1.local-"), "not even sealed: {text}");
    }
}

/// MongoDB is found in `NEPHOSCOPE_TEST_MONGODB_URI`, which `make test` sets.
#[tokio::test]
async fn no_secret_is_in_any_collection_of_mongodb() {
    let uri = std::env::var("NEPHOSCOPE_TEST_MONGODB_URI")
        .expect("NEPHOSCOPE_TEST_MONGODB_URI, as `make test` sets it");
    let name = format!("nephoscope_test_{}", uuid::Uuid::now_v7().simple());
    let world = World::new().await;
    let store = MongoStore::connect(&uri.as_str().into(), &name).await.expect("MongoDB connects");
    let key = SigningKey::from_text(&SigningKey::generate_text()).expect("a key");
    let ops = Ops::builder(world.replay.cloud(vec![]).await, Arc::new(store), key).build();
    let added = ops.add_account(&Caller::system(), input()).await;

    let database = mongodb::Client::with_uri_str(&uri).await.expect("a client").database(&name);
    let mut dump = Vec::new();
    for collection in database.list_collection_names().await.expect("names") {
        let documents =
            database.collection::<RawDocumentBuf>(&collection).find(doc! {}).await.expect("a cursor");
        let documents: Vec<RawDocumentBuf> = documents.try_collect().await.expect("documents");
        dump.extend(documents.iter().flat_map(|document| document.as_bytes().to_vec()));
    }
    database.drop().await.expect("the database is dropped");
    added.expect("an account");
    assert!(contains(&dump, KEY) && contains(&dump, "v1.local-"), "the account is there, sealed");
    assert!(!contains(&dump, SECRET));
}

fn input() -> AccountInput<SecretString> {
    AccountInput {
        id: "444444444444".parse().expect("an id"),
        name: "fourth".to_owned(),
        color: AccountColor::Red,
        regions: vec!["us-east-1".parse().expect("a region")],
        credentials: CredentialsKind::Keys,
        access_key_id: Some(KEY.parse().expect("an id")),
        secret_access_key: Some(SECRET.into()),
        role_arn: None,
        external_id: None,
        from: None,
        token_file: None,
        keep_secret: false,
        unchecked: false,
    }
}
