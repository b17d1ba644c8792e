//! What cannot be understood is said to be so: no panic, and nothing made up.

use std::sync::Arc;

use nephoscope_model::audit::AuditQuery;
use nephoscope_store::StoreError;

use crate::{
    fixtures::{add_user, bare, record},
    home::Home,
};

pub(crate) async fn an_unknown_word_in_a_user_is_corrupt(home: Arc<Home>) {
    let store = home.open().await;
    let ada = add_user(&*store, "ada").await;
    home.overwrite("users", "role", "emperor").await;
    assert_corrupt(store.find_user(&ada.name).await, "emperor");
    assert_corrupt(store.get_user(&ada.id).await, "emperor");
    assert_corrupt(store.list_users().await, "emperor");
    home.overwrite("users", "role", ada.role.as_str()).await;
    home.overwrite("users", "name", "Ada Lovelace").await;
    assert_corrupt(store.list_users().await, "Ada Lovelace");
    home.overwrite("users", "name", ada.name.as_str()).await;
    home.overwrite("users", "email", "Ada@example.com").await;
    assert_corrupt(store.get_user(&ada.id).await, "Ada@example.com");
}

pub(crate) async fn an_unknown_word_in_the_audit_is_corrupt(home: Arc<Home>) {
    let store = home.open().await;
    let good = record();
    store.append_audit(good.clone()).await.expect("a new record");
    for (column, word, unknown) in [
        ("operation", good.operation.as_str(), "ec2.teleport"),
        ("outcome", good.outcome.as_str(), "Succeeded"),
        ("error", "aws_denied", ""),
        ("account", "123456789012", "12345"),
        ("region", "eu-central-1", "the moon"),
    ] {
        home.overwrite("audit", column, unknown).await;
        assert_corrupt(store.query_audit(&AuditQuery::default()).await, unknown);
        home.overwrite("audit", column, word).await;
    }
    let page = store.query_audit(&AuditQuery::default()).await.expect("a page");
    assert_eq!(bare(page.records), [good], "all words are known again");
}

fn assert_corrupt<T: std::fmt::Debug>(answer: Result<T, StoreError>, culprit: &str) {
    match answer {
        Err(StoreError::Corrupt(text)) => assert!(text.contains(culprit), "{text:?} names {culprit:?}"),
        other => panic!("{other:?}"),
    }
}
