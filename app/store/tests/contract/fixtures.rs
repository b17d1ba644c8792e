//! Users, tokens and records to test with.

use nephoscope_model::{
    ErrorCode, Operation, Timestamp,
    audit::{AuditQuery, AuditRecord, Facts, Outcome},
    identity::{Role, User, UserName},
};
use nephoscope_store::{Client, NewUser, RefreshToken, Rotation, Store};
use uuid::Uuid;

pub(crate) const SECOND: i64 = 1000;
pub(crate) const HOUR: i64 = 3600 * SECOND;
/// The grace most tests use.
pub(crate) const GRACE: i64 = 10 * SECOND;

/// A fresh id, greater than all before it.
pub(crate) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// The present. Expiry has to lie after the real present, since MongoDB itself removes what is past it.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn name(text: &str) -> UserName {
    text.parse().expect("a user name")
}

pub(crate) fn new_user(text: &str) -> NewUser {
    NewUser {
        id: new_id(),
        name: name(text),
        email: None,
        role: Role::Operator,
        password_hash: format!("$argon2id$v=19$m=19456,t=2,p=1${text}").into(),
        created_at: Timestamp::from_millis(1_795_174_448_250),
    }
}

pub(crate) async fn add_user(store: &dyn Store, name: &str) -> User {
    store.create_user(new_user(name)).await.expect("a new user")
}

/// A first token that ends in an hour.
pub(crate) fn token_of(user: &User) -> RefreshToken {
    RefreshToken {
        hash: new_id(),
        session_id: new_id(),
        user_id: user.id.clone(),
        session_started_at: now(),
        issued_at: now(),
        expires_at: now().plus_millis(HOUR),
    }
}

pub(crate) async fn begin_session(store: &dyn Store, user: &User) -> RefreshToken {
    let token = token_of(user);
    store.begin_session(token.clone(), Client::default()).await.expect("a new session");
    token
}

/// Presents a token at `at`; its successor gets a fresh hash and ends two hours from now.
pub(crate) async fn present(store: &dyn Store, hash: &str, at: Timestamp) -> Rotation {
    store
        .rotate_token(hash, &new_id(), now().plus_millis(2 * HOUR), at, GRACE)
        .await
        .expect("an answer about a token")
}

/// A record of an instance that was stopped.
pub(crate) fn record() -> AuditRecord {
    AuditRecord {
        id: new_id(),
        seq: 0,
        hash: String::new(),
        operation_id: new_id(),
        at: Timestamp::from_millis(1_795_174_448_250),
        actor: "ada".to_owned(),
        operation: Operation::StopInstance,
        account: Some("123456789012".parse().expect("an account")),
        region: Some("eu-central-1".parse().expect("a region")),
        resource: "i-0123456789abcdef0".to_owned(),
        outcome: Outcome::Failed,
        error: Some(ErrorCode::AwsDenied),
        detail: "running → stopping".to_owned(),
        before: Facts::from([("state".to_owned(), "running".to_owned())]),
        after: Facts::from([("state".to_owned(), "stopping".to_owned()), ("by".to_owned(), String::new())]),
        duration_ms: 417,
        request_id: new_id(),
        aws_request_id: new_id(),
    }
}

/// Records without their places in the chain, which only the store knows.
pub(crate) fn bare(mut records: Vec<AuditRecord>) -> Vec<AuditRecord> {
    for record in &mut records {
        assert!(record.seq > 0 && record.hash.len() == 64, "it is chained: {record:?}");
        record.seq = 0;
        record.hash.clear();
    }
    records
}

/// Every record that the query selects, newest first, read page by page, as [`bare`].
pub(crate) async fn read_all(store: &dyn Store, query: &AuditQuery) -> Vec<AuditRecord> {
    let mut query = query.clone();
    let mut records = Vec::new();
    loop {
        let page = store.query_audit(&query).await.expect("a page of the audit");
        assert!(page.records.len() <= query.page_size() as usize, "a page is not longer than asked for");
        records.extend(bare(page.records));
        match page.next {
            Some(next) => {
                assert!(query.before.is_none_or(|before| next < before), "each page goes further back");
                query.before = Some(next);
            }
            None => return records,
        }
    }
}
