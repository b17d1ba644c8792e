//! The places a store can live in, made fresh for each test and taken down after it.

use std::{env, panic::AssertUnwindSafe, path::PathBuf, sync::Arc};

use futures::FutureExt;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
};
use nephoscope_store::{MongoStore, SqliteStore, Store};
use tempfile::TempDir;

use crate::fixtures::new_id;

/// A place for a store.
#[derive(Debug)]
pub(crate) enum Home {
    Sqlite { directory: TempDir },
    Mongo { uri: String, database: String },
}

impl Home {
    pub(crate) fn on_sqlite() -> Self {
        Self::Sqlite { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    pub(crate) fn on_mongodb() -> Self {
        Self::Mongo { uri: mongodb_uri(), database: format!("nephoscope_test_{}", new_id().replace('-', "")) }
    }

    /// Opens the store; more than once is fine.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite { .. } => Arc::new(SqliteStore::open(self.path()).expect("SQLite opens")),
            Self::Mongo { uri, database } => {
                Arc::new(MongoStore::connect(&uri.as_str().into(), database).await.expect("MongoDB connects"))
            }
        }
    }

    /// The database file, of SQLite.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Sqlite { directory } => directory.path().join("data").join("nephoscope.db"),
            Self::Mongo { .. } => unreachable!("MongoDB has no file"),
        }
    }

    /// Puts a text into a column of every row, past the store.
    pub(crate) async fn overwrite(&self, table: &str, column: &str, text: &str) {
        match self {
            Self::Sqlite { .. } => {
                let connection = rusqlite::Connection::open(self.path()).expect("SQLite opens");
                connection.execute(&format!("UPDATE {table} SET {column} = ?1"), [text]).expect("a column");
            }
            Self::Mongo { uri, database } => {
                let client = mongodb::Client::with_uri_str(uri).await.expect("a client");
                let everything = client.database(database).collection::<Document>(table);
                everything.update_many(doc! {}, doc! { "$set": { column: text } }).await.expect("an update");
            }
        }
    }

    /// Changes one field of one record, past the store.
    pub(crate) async fn tamper(&self, seq: i64, field: &str, value: Bson) {
        match self {
            Self::Sqlite { .. } => {
                let connection = rusqlite::Connection::open(self.path()).expect("SQLite opens");
                let field = if field == "_id" { "id" } else { field };
                let sql = format!("UPDATE audit SET {field} = ?1 WHERE seq = ?2");
                let changed = connection.execute(&sql, rusqlite::params![sqlite_value(value), seq]);
                assert_eq!(changed.expect("an update"), 1);
            }
            Self::Mongo { .. } => {
                let records = self.documents("audit").await;
                if field == "_id" {
                    let mut record =
                        records.find_one(doc! { "seq": seq }).await.expect("an answer").expect("a record");
                    self.remove_records(seq, seq).await;
                    record.insert("_id", value);
                    records.insert_one(record).await.expect("an insert");
                    return;
                }
                let changing = doc! { "$set": { field: value } };
                let changed = records.update_one(doc! { "seq": seq }, changing).await.expect("an update");
                assert_eq!(changed.matched_count, 1);
            }
        }
    }

    /// Removes records, past the store.
    pub(crate) async fn remove_records(&self, from: i64, to: i64) {
        match self {
            Self::Sqlite { .. } => {
                let connection = rusqlite::Connection::open(self.path()).expect("SQLite opens");
                connection
                    .execute("DELETE FROM audit WHERE seq BETWEEN ?1 AND ?2", [from, to])
                    .expect("a removal");
            }
            Self::Mongo { .. } => {
                let gone = doc! { "seq": { "$gte": from, "$lte": to } };
                self.documents("audit").await.delete_many(gone).await.expect("a removal");
            }
        }
    }

    /// A collection of MongoDB, as it is.
    pub(crate) async fn documents(&self, name: &str) -> Collection<Document> {
        let Self::Mongo { uri, database } = self else { unreachable!("SQLite has no documents") };
        mongodb::Client::with_uri_str(uri).await.expect("a client").database(database).collection(name)
    }

    async fn take_down(&self) {
        if let Self::Mongo { uri, database } = self {
            let client = mongodb::Client::with_uri_str(uri).await.expect("a client");
            client.database(database).drop().await.expect("the database is dropped");
        }
    }
}

/// What a test may take: a store that was opened, or the home to open it in.
pub(crate) trait Provide<T> {
    async fn provide(&self) -> T;
}

impl Provide<Arc<dyn Store>> for Arc<Home> {
    async fn provide(&self) -> Arc<dyn Store> {
        self.open().await
    }
}

impl Provide<Self> for Arc<Home> {
    async fn provide(&self) -> Self {
        Self::clone(self)
    }
}

/// Runs a test with what it takes.
pub(crate) async fn give<T, F>(home: Arc<Home>, test: impl FnOnce(T) -> F)
where
    Arc<Home>: Provide<T>,
    F: Future<Output = ()>,
{
    test(home.provide().await).await;
}

/// Where the tests find MongoDB.
pub(crate) fn mongodb_uri() -> String {
    env::var("NEPHOSCOPE_TEST_MONGODB_URI").expect(
        "NEPHOSCOPE_TEST_MONGODB_URI is not set, so MongoDB cannot be tested. `make test` starts a MongoDB \
         and sets it; for these tests alone: scripts/with-mongod cargo test -p nephoscope-store",
    )
}

/// Runs a test in a home, and takes the home down even when the test fails.
pub(crate) async fn visit<T: Future<Output = ()>>(home: Home, test: impl FnOnce(Arc<Home>) -> T) {
    let home = Arc::new(home);
    let outcome = AssertUnwindSafe(test(Arc::clone(&home))).catch_unwind().await;
    home.take_down().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// The same value as SQLite keeps it.
fn sqlite_value(value: Bson) -> rusqlite::types::Value {
    use rusqlite::types::Value;
    match value {
        Bson::String(text) => Value::Text(text),
        Bson::Int64(number) => Value::Integer(number),
        Bson::Boolean(yes) => Value::Integer(yes.into()),
        Bson::DateTime(at) => Value::Integer(at.timestamp_millis()),
        Bson::Null => Value::Null,
        Bson::Document(facts) => Value::Text(serde_json::to_string(&facts).expect("JSON")),
        other => unreachable!("no column holds {other:?}"),
    }
}
