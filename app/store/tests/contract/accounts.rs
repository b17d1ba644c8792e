//! Accounts that were added, and scopes that are kept.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{
    Account, Scope, Timestamp,
    account::{Credentials, Sealed},
    scope::{AccountColor, SavedScope},
};
use nephoscope_store::{Store, StoreError, StoredAccount};

use crate::fixtures::{add_user, new_id};

fn stored(id: &str, created_at: i64) -> StoredAccount {
    StoredAccount {
        account: Account {
            id: id.parse().expect("an id"),
            name: "prod \u{202e}'; DROP TABLE accounts; --".to_owned(),
            color: AccountColor::Red,
            regions: ["us-east-1", "eu-west-1"].map(|code| code.parse().expect("a region")).to_vec(),
        },
        credentials: Credentials::Keys {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
            secret_access_key: Sealed::from("v1.local-0.AAAA.BBBB".to_owned()),
        },
        revision: new_id(),
        created_at: Timestamp::from_millis(created_at),
        updated_at: Timestamp::from_millis(created_at),
        updated_by: "ada".to_owned(),
    }
}

fn scope(name: &str, accounts: &str, regions: &str) -> SavedScope {
    let scope = Scope::from_query(Some(accounts), Some(regions)).expect("a scope");
    SavedScope::new(name, scope).expect("a good name")
}

pub(crate) async fn every_source_of_credentials_comes_back_as_it_was(store: Arc<dyn Store>) {
    let role_arn = || "arn:aws:iam::111111111111:role/x".parse().expect("a role");
    let sources = [
        Credentials::Default,
        stored("111111111111", 0).credentials,
        Credentials::Role { role_arn: role_arn(), external_id: None, from: None },
        Credentials::Role {
            role_arn: role_arn(),
            external_id: Some(Sealed::from("v1.k.a.b".to_owned())),
            from: Some("222222222222".parse().expect("an id")),
        },
        Credentials::WebIdentity { role_arn: role_arn(), token_file: "/run/token".to_owned() },
    ];
    let mut all = Vec::new();
    for (index, credentials) in sources.into_iter().enumerate() {
        let at = 1_000 - index as i64;
        let account = StoredAccount { credentials, ..stored(&format!("{:012}", index + 1), at) };
        store.create_account(account.clone()).await.expect("a new account");
        all.insert(0, account);
    }
    assert_eq!(store.list_accounts().await.expect("a list"), all, "in the order in which they were added");
}

pub(crate) async fn an_account_is_added_once(store: Arc<dyn Store>) {
    let attempts = (0..8).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.create_account(stored("111111111111", 1)).await })
    });
    let results = join_all(attempts).await;
    let added = results.iter().filter(|result| matches!(result, Ok(Ok(())))).count();
    assert_eq!((added, store.list_accounts().await.expect("a list").len()), (1, 1));
    let again = store.create_account(stored("111111111111", 2)).await;
    assert!(matches!(again, Err(StoreError::Conflict("account"))), "{again:?}");
}

pub(crate) async fn a_change_needs_the_revision_it_began_with(store: Arc<dyn Store>) {
    let first = stored("111111111111", 1);
    store.create_account(first.clone()).await.expect("a new account");
    let mut second = StoredAccount {
        credentials: Credentials::Default,
        updated_at: Timestamp::from_millis(9),
        updated_by: "bob".to_owned(),
        ..stored("111111111111", 5)
    };
    second.account.color = AccountColor::Teal;
    store.update_account(second.clone(), &first.revision).await.expect("a change");
    let kept = StoredAccount { created_at: first.created_at, ..second.clone() };
    assert_eq!(store.list_accounts().await.expect("a list"), [kept]);

    let late = store.update_account(stored("111111111111", 1), &first.revision).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    let nobody = store.update_account(stored("222222222222", 1), &first.revision).await;
    assert!(matches!(nobody, Err(StoreError::NotFound("account"))), "{nobody:?}");
}

pub(crate) async fn of_many_changes_at_once_one_is_made(store: Arc<dyn Store>) {
    let first = stored("111111111111", 1);
    store.create_account(first.clone()).await.expect("a new account");
    let attempts = (0..8).map(|_| {
        let (store, expected) = (Arc::clone(&store), first.revision.clone());
        tokio::spawn(async move { store.update_account(stored("111111111111", 1), &expected).await })
    });
    let made = join_all(attempts).await.into_iter().filter(|result| matches!(result, Ok(Ok(())))).count();
    assert_eq!(made, 1);
}

pub(crate) async fn an_account_is_removed_once(store: Arc<dyn Store>) {
    let account = stored("111111111111", 1);
    store.create_account(account.clone()).await.expect("a new account");
    store.remove_account(&account.account.id).await.expect("removed");
    assert!(store.list_accounts().await.expect("a list").is_empty());
    let again = store.remove_account(&account.account.id).await;
    assert!(matches!(again, Err(StoreError::NotFound("account"))), "{again:?}");
    store.create_account(account).await.expect("it may be added again");
}

pub(crate) async fn everybody_keeps_their_own_scopes(store: Arc<dyn Store>) {
    let (ada, bob) = (add_user(&*store, "ada").await, add_user(&*store, "bob").await);
    let (prod, eu) = (scope("prod", "111111111111,222222222222", ""), scope("eu \u{202e}'", "", "eu-west-1"));
    for saved in [&prod, &eu] {
        store.save_scope(&ada.id, saved.clone()).await.expect("saved");
    }
    let narrower = scope("prod", "111111111111", "us-east-1");
    store.save_scope(&bob.id, narrower.clone()).await.expect("saved");
    assert_eq!(store.list_scopes(&ada.id).await.expect("a list"), [eu.clone(), prod]);
    store.save_scope(&ada.id, narrower.clone()).await.expect("saved in its place");
    assert_eq!(store.list_scopes(&ada.id).await.expect("a list"), [eu.clone(), narrower.clone()]);

    store.remove_scope(&ada.id, "prod").await.expect("removed");
    let again = store.remove_scope(&ada.id, "prod").await;
    assert!(matches!(again, Err(StoreError::NotFound(_))), "{again:?}");
    assert_eq!(store.list_scopes(&ada.id).await.expect("a list"), [eu]);
    assert_eq!(store.list_scopes(&bob.id).await.expect("a list"), [narrower]);

    store.remove_user(&bob.id).await.expect("removed");
    assert!(store.list_scopes(&bob.id).await.expect("a list").is_empty(), "they go with the person");
    let nobody = store.save_scope(&bob.id, scope("x", "111111111111", "")).await;
    assert!(matches!(nobody, Err(StoreError::NotFound("user"))), "{nobody:?}");
}

pub(crate) async fn nobody_keeps_heaps_of_scopes(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    for number in 0..SavedScope::MAX {
        store.save_scope(&ada.id, scope(&format!("{number}"), "111111111111", "")).await.expect("saved");
    }
    let more = store.save_scope(&ada.id, scope("more", "111111111111", "")).await;
    assert!(matches!(more, Err(StoreError::Conflict(_))), "{more:?}");
    store.save_scope(&ada.id, scope("7", "222222222222", "")).await.expect("one in place of another");
}
