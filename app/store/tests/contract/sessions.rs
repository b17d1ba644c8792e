//! Sessions and refresh tokens.

use std::sync::Arc;

use futures::future::join_all;
use nephoscope_store::{Client, EndedSession, RefreshToken, Rotation, Store, StoreError};

use crate::fixtures::{
    GRACE, HOUR, SECOND, add_user, begin_session, new_id, new_user, now, present, token_of,
};

pub(crate) async fn a_session_lives_from_its_first_token_to_its_end(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = token_of(&ada);
    assert!(!store.session_is_live(&token.session_id, now()).await.expect("an answer"));
    store.begin_session(token.clone(), Client::default()).await.expect("a new session");
    for (at, lives) in [
        (now(), true),
        (token.expires_at.plus_millis(-1), true),
        (token.expires_at, false),
        (token.expires_at.plus_millis(HOUR), false),
    ] {
        assert_eq!(store.session_is_live(&token.session_id, at).await.expect("an answer"), lives, "{at}");
    }
    let next = rotated(present(&*store, &token.hash, now()).await);
    assert!(store.session_is_live(&token.session_id, token.expires_at).await.expect("an answer"));
    assert!(!store.session_is_live(&token.session_id, next.expires_at).await.expect("an answer"));
}

pub(crate) async fn a_session_needs_a_person_who_is_welcome(store: Arc<dyn Store>) {
    let stranger = new_user("ada");
    let ada = add_user(&*store, "ada").await;
    let mut token = token_of(&ada);
    token.user_id = stranger.id;
    assert!(matches!(
        store.begin_session(token.clone(), Client::default()).await,
        Err(StoreError::NotFound("user"))
    ));
    assert!(!store.session_is_live(&token.session_id, now()).await.expect("an answer"));
    store.remove_user(&ada.id).await.expect("removed");
    assert!(matches!(
        store.begin_session(token_of(&ada), Client::default()).await,
        Err(StoreError::NotFound("user"))
    ));
}

pub(crate) async fn a_taken_hash_or_session_is_a_conflict_and_leaves_nothing_behind(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;

    let same_hash = RefreshToken { hash: token.hash.clone(), ..token_of(&ada) };
    assert!(matches!(
        store.begin_session(same_hash.clone(), Client::default()).await,
        Err(StoreError::Conflict("session"))
    ));
    assert!(!store.session_is_live(&same_hash.session_id, now()).await.expect("an answer"));
    let with_its_own = RefreshToken { hash: new_id(), ..same_hash };
    store
        .begin_session(with_its_own, Client::default())
        .await
        .expect("no trace of the failed session is in the way");

    let same_session = RefreshToken { session_id: token.session_id.clone(), ..token_of(&ada) };
    assert!(matches!(
        store.begin_session(same_session.clone(), Client::default()).await,
        Err(StoreError::Conflict("session"))
    ));
    assert_eq!(present(&*store, &same_session.hash, now()).await, Rotation::Refused);

    assert!(
        matches!(present(&*store, &token.hash, now()).await, Rotation::Rotated(_)),
        "the first is as it was"
    );
}

pub(crate) async fn rotation_hands_the_session_to_the_next_token(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let first = begin_session(&*store, &ada).await;
    let (next_hash, at) = (new_id(), now().plus_millis(SECOND));
    let next_expires_at = now().plus_millis(3 * HOUR);
    let rotation = store.rotate_token(&first.hash, &next_hash, next_expires_at, at, GRACE).await;
    let expected = RefreshToken {
        hash: next_hash,
        session_id: first.session_id.clone(),
        user_id: ada.id,
        session_started_at: first.session_started_at,
        issued_at: at,
        expires_at: next_expires_at,
    };
    assert_eq!(rotation.expect("an answer"), Rotation::Rotated(expected.clone()));
    let third = rotated(present(&*store, &expected.hash, at).await);
    assert_eq!(third.session_id, first.session_id);
    assert_eq!(third.session_started_at, first.session_started_at);
}

pub(crate) async fn a_token_used_a_moment_ago_is_repeated(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let first = begin_session(&*store, &ada).await;
    let one = rotated(present(&*store, &first.hash, now()).await);
    let Rotation::Repeated(other) = present(&*store, &first.hash, now()).await else {
        panic!("the second tab is let in");
    };
    assert_ne!(one.hash, other.hash);
    assert_eq!(one.session_id, other.session_id);
    for token in [one, other] {
        assert!(matches!(present(&*store, &token.hash, now()).await, Rotation::Rotated(_)), "both are good");
    }
}

pub(crate) async fn a_token_used_long_ago_revokes_its_session_only(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let (first, elsewhere) = (begin_session(&*store, &ada).await, begin_session(&*store, &ada).await);
    let newest = rotated(present(&*store, &first.hash, now()).await);

    let later = now().plus_millis(GRACE + SECOND);
    assert_eq!(present(&*store, &first.hash, later).await, Rotation::Reused(first.clone()));

    assert_eq!(
        present(&*store, &newest.hash, later).await,
        Rotation::Refused,
        "thief and owner both log in anew"
    );
    assert_eq!(present(&*store, &first.hash, later).await, Rotation::Refused, "told of once");
    assert!(!store.session_is_live(&first.session_id, later).await.expect("an answer"));
    assert!(matches!(present(&*store, &elsewhere.hash, later).await, Rotation::Rotated(_)));
}

pub(crate) async fn the_grace_ends_exactly_when_it_says(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    let used_at = now();
    rotated(present(&*store, &token.hash, used_at).await);
    for millis in [-SECOND, 0, GRACE] {
        let again = present(&*store, &token.hash, used_at.plus_millis(millis)).await;
        assert!(matches!(again, Rotation::Repeated(_)), "{millis} ms later: {again:?}");
    }
    let again = present(&*store, &token.hash, used_at.plus_millis(GRACE + 1)).await;
    assert_eq!(again, Rotation::Reused(token));
}

pub(crate) async fn expired_and_unknown_tokens_are_refused(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    assert_eq!(present(&*store, &new_id(), now()).await, Rotation::Refused);
    assert_eq!(present(&*store, &token.hash, token.expires_at).await, Rotation::Refused);
    let just_in_time = present(&*store, &token.hash, token.expires_at.plus_millis(-1)).await;
    assert!(matches!(just_in_time, Rotation::Rotated(_)), "being refused used nothing up");
    for late in [0, GRACE * 2] {
        let again = present(&*store, &token.hash, token.expires_at.plus_millis(late)).await;
        assert_eq!(again, Rotation::Refused, "an expired token is good for nothing and no sign of a thief");
    }
}

pub(crate) async fn a_rotation_that_cannot_be_done_changes_nothing(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let (token, taken) = (begin_session(&*store, &ada).await, begin_session(&*store, &ada).await);
    let expires_at = now().plus_millis(HOUR);
    let conflict = store.rotate_token(&token.hash, &taken.hash, expires_at, now(), GRACE).await;
    assert!(matches!(conflict, Err(StoreError::Conflict("session"))), "{conflict:?}");
    assert!(matches!(present(&*store, &token.hash, now()).await, Rotation::Rotated(_)), "it was not used up");
    let neighbour = rotated(present(&*store, &taken.hash, now()).await);
    assert_eq!(neighbour.session_id, taken.session_id);
}

pub(crate) async fn any_token_of_a_session_ends_it(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    for with_the_first in [true, false] {
        let (first, elsewhere) = (begin_session(&*store, &ada).await, begin_session(&*store, &ada).await);
        let second = rotated(present(&*store, &first.hash, now()).await);
        let last_words = if with_the_first { &first.hash } else { &second.hash };
        let expected = EndedSession { id: first.session_id.clone(), user_id: ada.id.clone() };
        assert_eq!(store.end_session(last_words).await.expect("an end"), Some(expected));
        assert_eq!(store.end_session(last_words).await.expect("ending twice is fine"), None);
        for token in [&first, &second] {
            assert_eq!(present(&*store, &token.hash, now()).await, Rotation::Refused);
        }
        assert!(!store.session_is_live(&first.session_id, now()).await.expect("an answer"));
        assert!(store.session_is_live(&elsewhere.session_id, now()).await.expect("an answer"));
    }
    assert_eq!(store.end_session(&new_id()).await.expect("ending nothing is fine"), None);

    let (by_id, elsewhere) = (begin_session(&*store, &ada).await, begin_session(&*store, &ada).await);
    store.revoke_session(&by_id.session_id).await.expect("an end");
    assert!(!store.session_is_live(&by_id.session_id, now()).await.expect("an answer"));
    assert_eq!(present(&*store, &by_id.hash, now()).await, Rotation::Refused);
    assert!(store.session_is_live(&elsewhere.session_id, now()).await.expect("an answer"));
    store.revoke_session(&new_id()).await.expect("revoking nothing is fine");
}

pub(crate) async fn tokens_that_ended_are_forgotten(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let (short, long) = (begin_session(&*store, &ada).await, token_of(&ada));
    let long = RefreshToken { expires_at: short.expires_at.plus_millis(HOUR), ..long };
    store.begin_session(long.clone(), Client::default()).await.expect("a new session");

    assert_eq!(store.purge_tokens(short.expires_at).await.expect("a count"), 0, "it ends only then");
    assert_eq!(store.purge_tokens(short.expires_at.plus_millis(1)).await.expect("a count"), 1);
    assert_eq!(store.purge_tokens(short.expires_at.plus_millis(1)).await.expect("a count"), 0);

    assert_eq!(present(&*store, &short.hash, now()).await, Rotation::Refused);
    assert!(!store.session_is_live(&short.session_id, now()).await.expect("an answer"));
    assert!(matches!(present(&*store, &long.hash, now()).await, Rotation::Rotated(_)));
}

pub(crate) async fn of_many_who_present_a_token_at_once_one_rotates_it(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    let rotations = all_at_once(24, &store, |store| {
        let (hash, at) = (token.hash.clone(), now());
        async move { present(&*store, &hash, at).await }
    })
    .await;
    let mut rotated = 0;
    for rotation in rotations {
        let next = match rotation {
            Rotation::Rotated(next) => {
                rotated += 1;
                next
            }
            Rotation::Repeated(next) => next,
            other => panic!("{other:?}"),
        };
        assert!(matches!(present(&*store, &next.hash, now()).await, Rotation::Rotated(_)), "each is good");
    }
    assert_eq!(rotated, 1);
}

pub(crate) async fn of_many_who_present_a_stolen_token_at_once_one_learns_of_it(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let token = begin_session(&*store, &ada).await;
    rotated(present(&*store, &token.hash, now()).await);
    let later = now().plus_millis(2 * GRACE);
    let rotations = all_at_once(16, &store, |store| {
        let hash = token.hash.clone();
        async move { present(&*store, &hash, later).await }
    })
    .await;
    let reused = rotations.iter().filter(|rotation| **rotation == Rotation::Reused(token.clone())).count();
    let refused = rotations.iter().filter(|rotation| **rotation == Rotation::Refused).count();
    assert_eq!((reused, refused), (1, 15), "{rotations:?}");
}

/// Tasks rotate as fast as they can while the person is disabled: whatever they got hold of is worth nothing
/// afterwards.
pub(crate) async fn no_rotation_outruns_a_revocation(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    let first = begin_session(&*store, &ada).await;
    let (rotated_once, mut first_rotations) = tokio::sync::mpsc::unbounded_channel();
    let runners: Vec<_> = (0..4)
        .map(|_| {
            let (store, rotated_once) = (Arc::clone(&store), rotated_once.clone());
            let mut hash = first.hash.clone();
            tokio::spawn(async move {
                while let Rotation::Rotated(next) | Rotation::Repeated(next) =
                    present(&*store, &hash, now()).await
                {
                    hash = next.hash;
                    // The test may have stopped listening.
                    let _heard = rotated_once.send(());
                }
                hash
            })
        })
        .collect();
    first_rotations.recv().await.expect("the runners are running");
    store.set_disabled(&ada.id, true).await.expect("disabled");
    assert!(!store.session_is_live(&first.session_id, now()).await.expect("an answer"));
    for runner in runners {
        let last_hash = runner.await.expect("a runner ends by being refused");
        assert_eq!(present(&*store, &last_hash, now()).await, Rotation::Refused);
    }
}

fn rotated(rotation: Rotation) -> RefreshToken {
    match rotation {
        Rotation::Rotated(next) => next,
        other => panic!("expected a rotation, not {other:?}"),
    }
}

async fn all_at_once<T, F>(
    count: usize,
    store: &Arc<dyn Store>,
    mut task: impl FnMut(Arc<dyn Store>) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(task(Arc::clone(store)))).collect();
    join_all(tasks).await.into_iter().map(|outcome| outcome.expect("no panic")).collect()
}
