//! People.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{
    audit::AuditQuery,
    identity::{AccountRoles, Role, User, UserName},
};
use nephoscope_store::{Client, Rotation, Store, StoreError};
use secrecy::ExposeSecret;

use crate::fixtures::{
    SECOND, add_user, begin_session, name, new_id, new_user, now, present, read_all, record, token_of,
};

pub(crate) async fn a_new_user_is_found_by_name_and_by_id(store: Arc<dyn Store>) {
    let new = new_user("ada");
    let expected = User {
        id: new.id.clone(),
        name: new.name.clone(),
        email: None,
        role: new.role,
        grants: AccountRoles::new(),
        disabled: false,
        has_password: true,
        has_provider_login: false,
        has_second_factor: false,
        created_at: new.created_at,
        last_login_at: None,
    };
    assert_eq!(store.create_user(new.clone()).await.expect("a new user"), expected);
    assert_eq!(store.get_user(&new.id).await.expect("an answer"), Some(expected.clone()));
    let found = store.find_user(&new.name).await.expect("an answer").expect("the user");
    assert_eq!(found.user, expected);
    assert_eq!(found.password_hash.expose_secret(), new.password_hash.expose_secret());
}

pub(crate) async fn nobody_is_found_who_is_not_there(store: Arc<dyn Store>) {
    assert!(store.find_user(&name("ada")).await.expect("an answer").is_none());
    assert!(store.get_user(&new_id()).await.expect("an answer").is_none());
    assert!(store.list_users().await.expect("an answer").is_empty());
}

pub(crate) async fn names_and_ids_are_unique(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let mut same_name = new_user("ada");
    same_name.role = Role::Admin;
    assert!(matches!(store.create_user(same_name).await, Err(StoreError::Conflict("user"))));
    let mut same_id = new_user("bob");
    same_id.id = ada.id.clone();
    assert!(matches!(store.create_user(same_id).await, Err(StoreError::Conflict("user"))));
    assert_eq!(store.list_users().await.expect("an answer"), [ada], "the first is as it was");
}

pub(crate) async fn names_are_matched_whole_and_only_in_lower_case(store: Arc<dyn Store>) {
    assert!("Ada".parse::<UserName>().is_err(), "there is no other case to match");
    add_user(&*store, "ada").await;
    for other in ["ad", "adaa", "a.a", "ada."] {
        assert!(store.find_user(&name(other)).await.expect("an answer").is_none(), "{other}");
    }
}

pub(crate) async fn users_are_listed_by_name(store: Arc<dyn Store>) {
    for name in ["eve", "0x", "ada", "ada.b", "ada@b", "a-z", "a_z"] {
        add_user(&*store, name).await;
    }
    let listed = store.list_users().await.expect("an answer");
    let names: Vec<_> = listed.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["0x", "a-z", "a_z", "ada", "ada.b", "ada@b", "eve"]);
}

pub(crate) async fn a_new_password_revokes_every_session_of_that_person_only(store: Arc<dyn Store>) {
    let (ada, bob) = (add_user(&*store, "ada").await, add_user(&*store, "bob").await);
    let sessions = [begin_session(&*store, &ada).await, begin_session(&*store, &ada).await];
    let bobs = begin_session(&*store, &bob).await;

    store.set_password(&ada.id, &"$argon2id$new".into()).await.expect("a new password");

    let found = store.find_user(&ada.name).await.expect("an answer").expect("the user");
    assert_eq!(found.password_hash.expose_secret(), "$argon2id$new");
    for token in sessions {
        assert!(!store.session_is_live(&token.session_id, now()).await.expect("an answer"));
        assert_eq!(present(&*store, &token.hash, now()).await, Rotation::Refused);
    }
    assert!(store.session_is_live(&bobs.session_id, now()).await.expect("an answer"));
    assert!(matches!(present(&*store, &bobs.hash, now()).await, Rotation::Rotated(_)));
    let next = begin_session(&*store, &ada).await;
    assert!(store.session_is_live(&next.session_id, now()).await.expect("an answer"), "a log-in works again");
}

pub(crate) async fn disabling_revokes_and_enabling_does_not_revive(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;

    store.set_disabled(&ada.id, true).await.expect("disabled");
    assert!(store.get_user(&ada.id).await.expect("an answer").expect("the user").disabled);
    assert_eq!(present(&*store, &token.hash, now()).await, Rotation::Refused);
    assert!(matches!(
        store.begin_session(token_of(&ada), Client::default()).await,
        Err(StoreError::NotFound("user"))
    ));

    store.set_disabled(&ada.id, false).await.expect("enabled");
    assert_eq!(store.get_user(&ada.id).await.expect("an answer"), Some(ada.clone()));
    assert_eq!(present(&*store, &token.hash, now()).await, Rotation::Refused);
    assert!(!store.session_is_live(&token.session_id, now()).await.expect("an answer"));
    begin_session(&*store, &ada).await;
}

pub(crate) async fn removing_a_user_ends_their_sessions_and_keeps_the_audit(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    let kept = record();
    store.append_audit(kept.clone()).await.expect("a new record");

    store.remove_user(&ada.id).await.expect("removed");
    assert!(store.find_user(&ada.name).await.expect("an answer").is_none());
    assert_eq!(present(&*store, &token.hash, now()).await, Rotation::Refused);
    assert!(!store.session_is_live(&token.session_id, now()).await.expect("an answer"));
    assert_eq!(read_all(&*store, &AuditQuery::default()).await, [kept]);

    let again = add_user(&*store, "ada").await;
    assert_ne!(again.id, ada.id, "the name is free again");
}

pub(crate) async fn the_last_login_is_remembered(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    for at in [now(), now().plus_millis(SECOND)] {
        store.record_login(&ada.id, at).await.expect("recorded");
        let found = store.get_user(&ada.id).await.expect("an answer").expect("the user");
        assert_eq!(found, User { last_login_at: Some(at), ..ada.clone() });
    }
}

pub(crate) async fn what_is_not_there_cannot_be_changed(store: Arc<dyn Store>) {
    let (ada, nobody) = (add_user(&*store, "ada").await, new_id());
    let attempts = [
        store.set_password(&nobody, &"x".into()).await,
        store.set_disabled(&nobody, true).await,
        store.set_disabled(&nobody, false).await,
        store.remove_user(&nobody).await,
        store.record_login(&nobody, now()).await,
        store.set_roles(&nobody, Role::Admin, &AccountRoles::new()).await,
        store.set_password_link(&nobody, "hash", now()).await,
        store.set_second_factor(&nobody, None).await,
        store.revoke_sessions(&nobody).await,
        store.set_email(&nobody, None).await,
    ];
    for attempt in attempts {
        assert!(matches!(attempt, Err(StoreError::NotFound("user"))), "{attempt:?}");
    }
    assert_eq!(store.list_users().await.expect("an answer"), [ada]);
}

pub(crate) async fn of_many_who_take_a_name_at_once_one_gets_it(store: Arc<dyn Store>) {
    let attempts = (0..16).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.create_user(new_user("ada")).await })
    });
    let mut created = Vec::new();
    for attempt in join_all(attempts).await {
        match attempt.expect("no panic") {
            Ok(user) => created.push(user),
            Err(error) => assert!(matches!(error, StoreError::Conflict("user")), "{error}"),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!(store.list_users().await.expect("an answer"), created);
}
