//! E-mail addresses of people, and the one log-in at an identity provider that each belongs to.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_model::{
    Timestamp,
    identity::{EmailAddress, User},
};
use nephoscope_store::{NewUser, Store, StoreError};
use secrecy::ExposeSecret;

use crate::fixtures::{add_user, begin_session, name, new_id, new_user, now};

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an e-mail address")
}

fn with_email(name: &str, address: &str) -> NewUser {
    NewUser { email: Some(email(address)), ..new_user(name) }
}

async fn found(store: &dyn Store, address: &str) -> Option<User> {
    store.find_user_by_email(&email(address)).await.expect("an answer").map(|found| found.user)
}

/// Binds a person by the address they have now; who has none comes with one all the same.
async fn bind(store: &dyn Store, user: &User, login: &str) -> bool {
    let present = store.get_user(&user.id).await.expect("an answer").and_then(|user| user.email);
    let address = present.unwrap_or_else(|| email("nobody@example.com"));
    store.bind_login(&user.id, &address, login).await.expect("an answer")
}

pub(crate) async fn a_person_is_found_by_their_address(store: Arc<dyn Store>) {
    let new = with_email("ada", "ada@example.com");
    let ada = store.create_user(new.clone()).await.expect("a new user");
    assert_eq!(ada.email, new.email);
    add_user(&*store, "bob").await;

    let stored = store.find_user_by_email(&email("ada@example.com")).await.expect("an answer");
    let stored = stored.expect("the user");
    assert_eq!(stored.user, ada);
    assert_eq!(stored.password_hash.expose_secret(), new.password_hash.expose_secret());
    assert_eq!(store.find_user(&ada.name).await.expect("an answer").expect("the user").user, ada);
    assert_eq!(store.get_user(&ada.id).await.expect("an answer").as_ref(), Some(&ada));
    assert_eq!(store.list_users().await.expect("an answer")[0], ada);
    let token = begin_session(&*store, &ada).await;
    assert_eq!(store.session_user(&token.session_id, now()).await.expect("an answer"), Some(ada));

    for other in ["a@example.com", "ada@example.co", "ada@example.com.x", "xada@example.com", "%@example.com"]
    {
        assert_eq!(found(&*store, other).await, None, "{other}");
    }
}

pub(crate) async fn an_address_is_changed_and_taken_away(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    for address in ["ada@example.com", "ada@example.com", "lovelace@example.com"] {
        store.set_email(&ada.id, Some(&email(address))).await.expect("an address");
        let expected = User { email: Some(email(address)), ..ada.clone() };
        assert_eq!(found(&*store, address).await, Some(expected), "and nothing else of them changed");
    }
    assert_eq!(found(&*store, "ada@example.com").await, None, "the one before counts no longer");
    for _ in 0..2 {
        store.set_email(&ada.id, None).await.expect("no address");
        assert_eq!(store.get_user(&ada.id).await.expect("an answer"), Some(ada.clone()));
    }
    assert_eq!(found(&*store, "lovelace@example.com").await, None);
    assert!(store.session_is_live(&token.session_id, now()).await.expect("an answer"), "sessions go on");
    let nobody = store.set_email(&new_id(), Some(&email("ada@example.com"))).await;
    assert!(matches!(nobody, Err(StoreError::NotFound("user"))), "{nobody:?}");
    let nobody = store.set_email(&new_id(), None).await;
    assert!(matches!(nobody, Err(StoreError::NotFound("user"))), "{nobody:?}");
}

pub(crate) async fn an_address_is_one_persons(store: Arc<dyn Store>) {
    let ada = store.create_user(with_email("ada", "ada@example.com")).await.expect("a new user");
    let (bob, eve) = (add_user(&*store, "bob").await, add_user(&*store, "eve").await);
    let before = store.list_users().await.expect("an answer");

    let taken = store.create_user(with_email("mallory", "ada@example.com")).await;
    assert!(matches!(taken, Err(StoreError::Conflict(StoreError::EMAIL))), "{taken:?}");
    // Of both, the name is said: without it there is nothing to give the address to.
    let both = store.create_user(with_email("ada", "ada@example.com")).await;
    assert!(matches!(both, Err(StoreError::Conflict(StoreError::USER))), "{both:?}");
    let name_only = store.create_user(with_email("ada", "other@example.com")).await;
    assert!(matches!(name_only, Err(StoreError::Conflict(StoreError::USER))), "{name_only:?}");
    let id_only = NewUser { id: ada.id.clone(), ..with_email("mallory", "other@example.com") };
    let id_only = store.create_user(id_only).await;
    assert!(matches!(id_only, Err(StoreError::Conflict(StoreError::USER))), "{id_only:?}");
    let set = store.set_email(&bob.id, ada.email.as_ref()).await;
    assert!(matches!(set, Err(StoreError::Conflict(StoreError::EMAIL))), "{set:?}");
    assert_eq!(store.list_users().await.expect("an answer"), before, "all are as they were");

    // It is free again when it is given up, and when its owner is gone.
    store.set_email(&ada.id, None).await.expect("no address");
    store.set_email(&bob.id, Some(&email("ada@example.com"))).await.expect("an address");
    store.remove_user(&bob.id).await.expect("removed");
    store.set_email(&eve.id, Some(&email("ada@example.com"))).await.expect("an address");
    assert_eq!(found(&*store, "ada@example.com").await.map(|user| user.name), Some(name("eve")));
}

pub(crate) async fn of_many_who_take_an_address_at_once_one_gets_it(store: Arc<dyn Store>) {
    let mut people = Vec::new();
    for index in 0..8 {
        people.push(add_user(&*store, &format!("user{index}")).await);
    }
    let attempts = people.into_iter().enumerate().map(|(index, user)| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let address = email("ada@example.com");
            if index % 2 == 0 {
                return store.set_email(&user.id, Some(&address)).await;
            }
            let new = with_email(&format!("new{index}"), address.as_str());
            store.create_user(new).await.map(drop)
        })
    });
    let mut winners = 0;
    for attempt in join_all(attempts).await {
        match attempt.expect("no panic") {
            Ok(()) => winners += 1,
            Err(error) => assert!(matches!(error, StoreError::Conflict(StoreError::EMAIL)), "{error}"),
        }
    }
    assert_eq!(winners, 1);
    let users = store.list_users().await.expect("an answer");
    assert_eq!(users.iter().filter(|user| user.email.is_some()).count(), 1);
}

pub(crate) async fn a_person_is_bound_to_the_first_login_until_the_address_is_set(store: Arc<dyn Store>) {
    let ada = store.create_user(with_email("ada", "ada@example.com")).await.expect("a new user");
    let bob = store.create_user(with_email("bob", "bob@example.com")).await.expect("a new user");
    for (login, theirs) in [("one", true), ("one", true), ("two", false), ("on", false), ("one", true)] {
        assert_eq!(bind(&*store, &ada, login).await, theirs, "{login}");
    }
    assert!(bind(&*store, &bob, "two").await, "another person has another");
    let bound = User { has_provider_login: true, ..ada.clone() };
    assert_eq!(
        store.get_user(&ada.id).await.expect("an answer").as_ref(),
        Some(&bound),
        "it shows as a way in"
    );
    let other = email("lovelace@example.com");
    assert!(!store.bind_login(&ada.id, &other, "one").await.expect("an answer"), "by another address");

    // What else changes of a person leaves it.
    store.set_password(&ada.id, &"$argon2id$new".into()).await.expect("a new password");
    store.record_login(&ada.id, Timestamp::now()).await.expect("recorded");
    assert!(!bind(&*store, &ada, "two").await);

    // Setting the address lets another log-in come, even if it is the same address.
    store.set_email(&ada.id, ada.email.as_ref()).await.expect("the same address");
    assert!(bind(&*store, &ada, "two").await && !bind(&*store, &ada, "one").await);
    store.set_email(&ada.id, None).await.expect("no address");
    assert!(!bind(&*store, &ada, "one").await, "without an address there is nothing to bind");
    assert!(!bind(&*store, &bob, "one").await, "and nobody else's is forgotten");
    // An address that somebody else has changes nothing, this neither.
    let lovelace = email("lovelace@example.com");
    store.set_email(&bob.id, Some(&lovelace)).await.expect("an address");
    assert!(store.set_email(&ada.id, Some(&lovelace)).await.is_err());
    assert!(!store.get_user(&ada.id).await.expect("an answer").is_some_and(|user| user.has_provider_login));

    let nobody = store.bind_login(&new_id(), &other, "one").await.expect("an answer");
    assert!(!nobody, "nobody is bound to nothing");
    store.remove_user(&ada.id).await.expect("removed");
    assert!(!bind(&*store, &ada, "one").await, "who is gone neither");
}

pub(crate) async fn of_many_logins_that_bind_at_once_one_wins(store: Arc<dyn Store>) {
    let ada = store.create_user(with_email("ada", "ada@example.com")).await.expect("a new user");
    let attempts = (0..16).map(|index| {
        let (store, id) = (Arc::clone(&store), ada.id.clone());
        tokio::spawn(async move {
            let login = format!("login{}", index % 8);
            store
                .bind_login(&id, &email("ada@example.com"), &login)
                .await
                .expect("an answer")
                .then_some(login)
        })
    });
    let bound: Vec<_> =
        join_all(attempts).await.into_iter().filter_map(|attempt| attempt.expect("no panic")).collect();
    // Two come with each log-in, and both of the one that won are welcome.
    assert_eq!(bound.len(), 2, "{bound:?}");
    assert_eq!(bound[0], bound[1]);
    assert!(bind(&*store, &ada, &bound[0]).await);
}
