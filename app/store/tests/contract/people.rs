//! What people may do where, links that set a password, second factors, and tokens for programs.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{
    AccountId,
    identity::{AccountRoles, ApiToken, Role, User},
};
use nephoscope_store::{Client, LiveSession, Rotation, SecondFactor, Store, StoreError, StoredApiToken};
use secrecy::ExposeSecret;

use crate::fixtures::{HOUR, SECOND, add_user, begin_session, new_id, now, present, token_of};

fn account(id: &str) -> AccountId {
    id.parse().expect("an account")
}

pub(crate) async fn roles_and_grants_are_remembered_and_come_with_the_session(store: Arc<dyn Store>) {
    let (ada, bob) = (add_user(&*store, "ada").await, add_user(&*store, "bob").await);
    let token = begin_session(&*store, &ada).await;
    for grants in [
        AccountRoles::from([
            (account("111111111111"), Role::Viewer),
            (account("222222222222"), Role::Operator),
        ]),
        AccountRoles::new(),
    ] {
        store.set_roles(&ada.id, Role::Admin, &grants).await.expect("set");
        let expected = User { role: Role::Admin, grants, ..ada.clone() };
        assert_eq!(store.get_user(&ada.id).await.expect("an answer"), Some(expected.clone()));
        assert_eq!(store.session_user(&token.session_id, now()).await.expect("an answer"), Some(expected));
    }
    assert_eq!(store.get_user(&bob.id).await.expect("an answer"), Some(bob), "nobody else is changed");
}

pub(crate) async fn sessions_are_listed_while_they_live(store: Arc<dyn Store>) {
    let (ada, bob) = (add_user(&*store, "ada").await, add_user(&*store, "bob").await);
    begin_session(&*store, &bob).await;
    let (first, second) = (begin_session(&*store, &ada).await, token_of(&ada));
    let client = Client { address: "192.0.2.1".to_owned(), browser: "Firefox on Linux".to_owned() };
    store.begin_session(second.clone(), client.clone()).await.expect("a new session");
    let listed = store.list_sessions(&ada.id, now()).await.expect("an answer");
    let expected = LiveSession {
        id: second.session_id.clone(),
        started_at: second.session_started_at,
        last_used_at: second.issued_at,
        expires_at: second.expires_at,
        client,
    };
    assert_eq!(listed.first(), Some(&expected), "the newest first");
    assert_eq!(listed.len(), 2);

    let later = now().plus_millis(SECOND);
    let Rotation::Rotated(next) = present(&*store, &second.hash, later).await else { panic!("rotated") };
    let listed = store.list_sessions(&ada.id, now()).await.expect("an answer");
    assert_eq!((listed[0].last_used_at, listed[0].expires_at), (later, next.expires_at));

    store.revoke_session(&first.session_id).await.expect("revoked");
    assert_eq!(store.list_sessions(&ada.id, now()).await.expect("an answer").len(), 1);
    assert!(store.list_sessions(&ada.id, next.expires_at).await.expect("an answer").is_empty(), "expired");
    store.revoke_sessions(&ada.id).await.expect("revoked");
    assert!(store.list_sessions(&ada.id, now()).await.expect("an answer").is_empty());
    assert_eq!(present(&*store, &next.hash, now()).await, Rotation::Refused);
    assert_eq!(store.list_sessions(&bob.id, now()).await.expect("an answer").len(), 1, "of nobody else");
    begin_session(&*store, &ada).await;
    assert_eq!(
        store.list_sessions(&ada.id, now()).await.expect("an answer").len(),
        1,
        "a log-in works again"
    );
}

pub(crate) async fn a_link_sets_a_password_once(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let session = begin_session(&*store, &ada).await;
    let (old, link, until) = (new_id(), new_id(), now().plus_millis(HOUR));
    store.set_password_link(&ada.id, &old, until).await.expect("a link");
    store.set_password_link(&ada.id, &link, until).await.expect("another link");
    let find = |hash: String, at| {
        let store = Arc::clone(&store);
        async move { store.find_password_link(&hash, at).await.expect("an answer").map(|user| user.id) }
    };
    assert_eq!(find(old, now()).await, None, "a new link takes the place of the old one");
    assert_eq!(find(link.clone(), until).await, None, "expired");
    assert_eq!(find(link.clone(), now()).await, Some(ada.id.clone()));

    let redeemed =
        store.redeem_password_link(&link, &"$argon2id$linked".into(), now()).await.expect("an answer");
    assert_eq!(redeemed.map(|user| user.id), Some(ada.id.clone()));
    let found = store.find_user(&ada.name).await.expect("an answer").expect("the user");
    assert_eq!(found.password_hash.expose_secret(), "$argon2id$linked");
    assert!(!store.session_is_live(&session.session_id, now()).await.expect("an answer"));
    let again = store.redeem_password_link(&link, &"$argon2id$again".into(), now()).await.expect("an answer");
    assert_eq!(again, None);

    store.set_password_link(&ada.id, &new_id(), until).await.expect("a link");
    let link = new_id();
    store.set_password_link(&ada.id, &link, until).await.expect("a link");
    store.set_disabled(&ada.id, true).await.expect("disabled");
    assert_eq!(find(link.clone(), now()).await, None, "of who is disabled");
    store.set_disabled(&ada.id, false).await.expect("enabled");
    store.set_password(&ada.id, &"$argon2id$set".into()).await.expect("a new password");
    assert_eq!(find(link, now()).await, None, "a new password takes the link away");
}

pub(crate) async fn of_many_who_redeem_a_link_at_once_one_does(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let link = new_id();
    store.set_password_link(&ada.id, &link, now().plus_millis(HOUR)).await.expect("a link");
    let attempts = (0..12).map(|attempt| {
        let (store, link) = (Arc::clone(&store), link.clone());
        tokio::spawn(async move {
            store.redeem_password_link(&link, &format!("$argon2id${attempt}").into(), now()).await
        })
    });
    let redeemed = join_all(attempts)
        .await
        .into_iter()
        .filter(|attempt| attempt.as_ref().expect("no panic").as_ref().expect("an answer").is_some());
    assert_eq!(redeemed.count(), 1);
}

pub(crate) async fn who_was_invited_has_no_password(store: Arc<dyn Store>) {
    let mut new = crate::fixtures::new_user("ada");
    new.password_hash = "".into();
    let ada = store.create_user(new).await.expect("a new user");
    assert!(!ada.has_password);
    assert_eq!(store.get_user(&ada.id).await.expect("an answer"), Some(ada.clone()));
    store.set_password(&ada.id, &"$argon2id$new".into()).await.expect("a password");
    assert!(store.get_user(&ada.id).await.expect("an answer").is_some_and(|user| user.has_password));
}

fn factor() -> SecondFactor {
    SecondFactor {
        sealed_secret: "sealed".into(),
        last_step: 10,
        recovery_hashes: vec!["one".to_owned(), "two".to_owned()],
    }
}

pub(crate) async fn a_code_and_a_recovery_code_are_good_once(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    assert!(store.find_second_factor(&ada.id).await.expect("an answer").is_none());
    assert!(!store.use_code(&ada.id, 11).await.expect("an answer"), "there is no device");
    store.set_second_factor(&ada.id, Some(&factor())).await.expect("set");
    assert!(store.get_user(&ada.id).await.expect("an answer").is_some_and(|user| user.has_second_factor));
    for (step, good) in [(10, false), (11, true), (11, false), (9, false), (13, true), (12, false)] {
        assert_eq!(store.use_code(&ada.id, step).await.expect("an answer"), good, "{step}");
    }
    for (hash, good) in [("three", false), ("one", true), ("one", false), ("", false)] {
        assert_eq!(store.use_recovery_code(&ada.id, hash).await.expect("an answer"), good, "{hash}");
    }
    for (old, done) in [("another", false), ("sealed", true), ("sealed", false)] {
        let resealed = store.reseal_second_factor(&ada.id, old, "sealed anew").await.expect("an answer");
        assert_eq!(resealed, done, "{old}");
    }
    let left = store.find_second_factor(&ada.id).await.expect("an answer").expect("a factor");
    assert_eq!((left.last_step, left.recovery_hashes), (13, vec!["two".to_owned()]));
    assert_eq!(left.sealed_secret.expose_secret(), "sealed anew");

    store.set_second_factor(&ada.id, None).await.expect("removed");
    assert_eq!(store.get_user(&ada.id).await.expect("an answer"), Some(ada.clone()));
    assert!(!store.use_recovery_code(&ada.id, "two").await.expect("an answer"));
}

pub(crate) async fn of_many_who_use_a_code_at_once_one_may(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    store.set_second_factor(&ada.id, Some(&factor())).await.expect("set");
    for recovery in [false, true] {
        let attempts = (0..12).map(|_| {
            let (store, id) = (Arc::clone(&store), ada.id.clone());
            tokio::spawn(async move {
                if recovery {
                    store.use_recovery_code(&id, "one").await
                } else {
                    store.use_code(&id, 11).await
                }
            })
        });
        let used = join_all(attempts)
            .await
            .into_iter()
            .filter(|attempt| *attempt.as_ref().expect("no panic").as_ref().expect("an answer"));
        assert_eq!(used.count(), 1, "recovery: {recovery}");
    }
}

fn api_token_of(user: &User) -> StoredApiToken {
    StoredApiToken {
        info: ApiToken {
            id: new_id(),
            name: "nightly \u{1f319} report".to_owned(),
            role: Role::Operator,
            read_only: true,
            created_at: now(),
            expires_at: now().plus_millis(HOUR),
            last_used_at: None,
        },
        hash: new_id(),
        user_id: user.id.clone(),
    }
}

pub(crate) async fn a_token_for_a_program_is_found_by_its_hash_while_it_is_good(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = api_token_of(&ada);
    store.create_api_token(token.clone()).await.expect("a token");
    let find = |at| {
        let (store, hash) = (Arc::clone(&store), token.hash.clone());
        async move { store.find_api_token(&hash, at).await.expect("an answer") }
    };
    assert_eq!(find(now()).await, Some((token.info.clone(), ada.clone())));
    assert_eq!(find(token.info.expires_at).await, None, "expired");
    assert_eq!(store.find_api_token("another", now()).await.expect("an answer"), None);

    let at = now();
    store.record_api_token_use(&token.info.id, at).await.expect("recorded");
    assert_eq!(find(now()).await.and_then(|(token, _)| token.last_used_at), Some(at));
    store.record_api_token_use(&new_id(), at).await.expect("nothing to record is fine");

    store.set_disabled(&ada.id, true).await.expect("disabled");
    assert_eq!(find(now()).await, None, "of who is disabled");
    store.set_disabled(&ada.id, false).await.expect("enabled");
    assert!(find(now()).await.is_some());
}

pub(crate) async fn tokens_for_programs_are_their_owners(store: Arc<dyn Store>) {
    let (ada, bob) = (add_user(&*store, "ada").await, add_user(&*store, "bob").await);
    let (first, second) = (api_token_of(&ada), api_token_of(&ada));
    store.create_api_token(first.clone()).await.expect("a token");
    store.create_api_token(second.clone()).await.expect("a token");
    let taken = StoredApiToken { hash: first.hash.clone(), ..api_token_of(&bob) };
    assert!(matches!(store.create_api_token(taken).await, Err(StoreError::Conflict("token"))));
    let of_nobody = StoredApiToken { user_id: new_id(), ..api_token_of(&bob) };
    assert!(matches!(store.create_api_token(of_nobody).await, Err(StoreError::NotFound("user"))));

    let listed = store.list_api_tokens(&ada.id).await.expect("an answer");
    assert_eq!(listed, [second.info.clone(), first.info.clone()], "the newest first");
    assert!(store.list_api_tokens(&bob.id).await.expect("an answer").is_empty());
    let stranger = store.remove_api_token(&bob.id, &first.info.id).await;
    assert!(matches!(stranger, Err(StoreError::NotFound("token"))));
    store.remove_api_token(&ada.id, &first.info.id).await.expect("removed");
    assert_eq!(store.find_api_token(&first.hash, now()).await.expect("an answer"), None);

    store.purge_tokens(second.info.expires_at.plus_millis(1)).await.expect("purged");
    assert!(store.list_api_tokens(&ada.id).await.expect("an answer").is_empty(), "what ended is forgotten");
    let last = api_token_of(&ada);
    store.create_api_token(last.clone()).await.expect("a token");
    store.remove_user(&ada.id).await.expect("removed");
    assert_eq!(store.find_api_token(&last.hash, now()).await.expect("an answer"), None, "of who is gone");
}
