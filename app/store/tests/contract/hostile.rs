//! Text that would like to be something else.

use std::sync::Arc;

use nephoscope_model::audit::{AuditQuery, AuditRecord};
use nephoscope_store::{Client, NewUser, RefreshToken, Rotation, Store};
use secrecy::ExposeSecret;

use crate::fixtures::{add_user, name, new_user, now, present, read_all, record, token_of};

const HOSTILE: [&str; 14] = [
    "'; DROP TABLE audit; --",
    "\" OR \"\"=\"",
    "%",
    "_",
    "?1",
    ":actor",
    "a\0b",
    "\0",
    "$where",
    r#"{"$ne": null}"#,
    "a.b.$c",
    "日本語 🦀 \u{202e}olleh",
    "line\nbreak\r\n\t",
    "\u{feff}é is not e\u{301}",
];

pub(crate) async fn hostile_text_is_only_text_to_the_audit(store: Arc<dyn Store>) {
    let mut records = Vec::new();
    for text in HOSTILE {
        let record = AuditRecord {
            actor: text.to_owned(),
            resource: text.to_owned(),
            detail: text.to_owned(),
            operation_id: text.to_owned(),
            request_id: text.to_owned(),
            ..record()
        };
        store.append_audit(record.clone()).await.expect("a new record");
        records.push(record);
    }
    let long = AuditRecord { detail: "long ".repeat(20_000), resource: "r".repeat(5_000), ..record() };
    store.append_audit(long.clone()).await.expect("a long record");
    let by_long = AuditQuery { resource: Some(long.resource.clone()), ..AuditQuery::default() };
    assert_eq!(read_all(&*store, &by_long).await, [long]);
    for (text, record) in HOSTILE.into_iter().zip(&records) {
        let by_actor = AuditQuery { actor: Some(text.to_owned()), ..AuditQuery::default() };
        let by_resource = AuditQuery { resource: Some(text.to_owned()), ..AuditQuery::default() };
        for query in [by_actor, by_resource] {
            assert_eq!(read_all(&*store, &query).await, std::slice::from_ref(record), "{text:?}");
        }
        // Any answer will do, as long as it is one.
        let before = AuditQuery { before: Some(text.to_owned()), ..AuditQuery::default() };
        store.query_audit(&before).await.expect("a page");
    }
    let all = read_all(&*store, &AuditQuery::default()).await;
    assert_eq!(all.len(), HOSTILE.len() + 1);
}

pub(crate) async fn hostile_text_is_only_text_to_sessions(store: Arc<dyn Store>) {
    let ada = add_user(&*store, "ada").await;
    for text in HOSTILE {
        assert_eq!(present(&*store, text, now()).await, Rotation::Refused, "{text:?}");
        assert!(!store.session_is_live(text, now()).await.expect("an answer"), "{text:?}");
        store.end_session(text).await.expect("nothing to end");

        let token = RefreshToken { hash: text.to_owned(), session_id: text.to_owned(), ..token_of(&ada) };
        store.begin_session(token, Client::default()).await.expect("a new session");
        assert!(store.session_is_live(text, now()).await.expect("an answer"), "{text:?}");
        assert!(matches!(present(&*store, text, now()).await, Rotation::Rotated(_)), "{text:?}");
    }
    for text in HOSTILE {
        assert!(store.session_is_live(text, now()).await.expect("an answer"), "{text:?} ended no other");
        store.end_session(text).await.expect("an end");
        assert!(!store.session_is_live(text, now()).await.expect("an answer"), "{text:?}");
    }
}

pub(crate) async fn hostile_text_is_only_text_to_users(store: Arc<dyn Store>) {
    let email = |index: usize| format!("user{index}@example.com").parse().expect("an address");
    for (index, text) in HOSTILE.into_iter().enumerate() {
        assert!(store.get_user(text).await.expect("an answer").is_none(), "{text:?}");
        assert!(store.remove_user(text).await.is_err(), "{text:?}");
        let name = name(&format!("user{index}"));
        let new = NewUser { id: text.to_owned(), password_hash: text.into(), ..new_user(name.as_str()) };
        let new = NewUser { email: Some(email(index)), ..new };
        store.create_user(new).await.expect("a new user");
        let found = store.find_user(&name).await.expect("an answer").expect("the user");
        assert_eq!(found.password_hash.expose_secret(), text);
        assert_eq!(store.get_user(text).await.expect("an answer"), Some(found.user));
        assert!(store.bind_login(text, &email(index), text).await.expect("an answer"), "{text:?}");
    }
    for (index, text) in HOSTILE.into_iter().enumerate() {
        assert!(store.bind_login(text, &email(index), text).await.expect("an answer"), "{text:?}");
        assert!(!store.bind_login(text, &email(index), "another").await.expect("an answer"), "{text:?}");
    }
    for text in HOSTILE {
        store.remove_user(text).await.expect("removed");
    }
    assert!(store.list_users().await.expect("an answer").is_empty());
}
