//! MongoDB that is not there, goes away, stutters or says nothing.

use std::{sync::Arc, time::Duration};

use futures::future::{AbortHandle, abortable};
use mongodb::bson::{Document, doc};
use nephoscope_model::audit::AuditQuery;
use nephoscope_store::{MongoStore, Store, StoreError};
use tokio::{
    io::copy_bidirectional,
    join,
    net::{TcpListener, TcpStream},
    sync::{Mutex, MutexGuard},
    task::JoinSet,
    time::timeout,
};

use crate::{
    fixtures::{new_id, read_all, record},
    home::{Home, visit},
};

/// Far more than any answer may take: only a test that would hang forever fails by it.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    assert_cannot_connect(&format!("mongodb://{address}/")).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    // Connections are accepted by the kernel, and nobody ever answers.
    assert_cannot_connect(&format!("mongodb://{address}/")).await;
}

#[tokio::test]
async fn no_error_holds_a_piece_of_the_uri() {
    for uri in [
        "mongodb://ada:hunter2/slash@localhost/",
        "mongodb://ada:hunter2@at@localhost:1/?serverSelectionTimeoutMS=10",
        "mongodb://ada:hunter2:colon@localhost/",
        "mongodb://ada:hunter2@127.0.0.1:1/?hunter2=hunter2",
        "mongodb://ada:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=10",
        "mongodb+srv://ada:hunter2@nowhere.invalid/",
        "hunter2",
        "",
    ] {
        assert_cannot_connect(uri).await;
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_unavailable() {
    visit(Home::on_mongodb(), |home| async move {
        let Home::Mongo { uri, database } = &*home else { unreachable!() };
        let (address, cut) = proxy_to(uri).await;
        let through_the_proxy =
            format!("mongodb://{address}/?directConnection=true&heartbeatFrequencyMS=500");
        let store = MongoStore::connect(&through_the_proxy.into(), database).await.expect("a connection");
        store.append_audit(record()).await.expect("a new record");
        cut.abort();
        let asked = async {
            let everything = AuditQuery::default();
            join!(store.append_audit(record()), store.ping(), store.query_audit(&everything))
        };
        let (append, ping, query) = timeout(PATIENCE, asked).await.expect("answers in time");
        for answer in [append, ping, query.map(|_| ())] {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_breaks_once_costs_nothing() {
    visit(Home::on_mongodb(), |home| async move {
        let store = FailingStore::connect(&home).await;
        let (kept, mode) = (record(), doc! { "times": 1 });
        store.fail(mode.clone(), doc! { "failCommands": ["insert"], "closeConnection": true }).await;
        store.inner.append_audit(kept.clone()).await.expect("the driver tries again");
        store.fail(mode, doc! { "failCommands": ["find"], "closeConnection": true }).await;
        assert_eq!(read_all(&store.inner, &AuditQuery::default()).await, [kept], "once, not twice");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_refuses_is_unavailable_until_it_does_not() {
    visit(Home::on_mongodb(), |home| async move {
        let store = FailingStore::connect(&home).await;
        const NOT_AUTHORISED: i32 = 13;
        let refusal = doc! { "failCommands": ["insert", "find"], "errorCode": NOT_AUTHORISED };
        store.fail(doc! { "times": 2 }, refusal).await;
        let append = store.inner.append_audit(record()).await;
        assert!(matches!(append, Err(StoreError::Unavailable(_))), "{append:?}");
        let query = store.inner.query_audit(&AuditQuery::default()).await;
        assert!(matches!(query, Err(StoreError::Unavailable(_))), "{query:?}");
        store.inner.append_audit(record()).await.expect("a new record");
    })
    .await;
}

/// A write that a majority does not confirm in time is not acknowledged, whatever becomes of it.
#[tokio::test]
async fn a_write_without_a_majority_is_not_acknowledged() {
    visit(Home::on_mongodb(), |home| async move {
        let store = FailingStore::connect(&home).await;
        let no_majority = doc! { "code": 64, "codeName": "WriteConcernFailed", "errmsg": "timed out" };
        let failure = doc! { "failCommands": ["insert"], "writeConcernError": no_majority };
        store.fail(doc! { "times": 1 }, failure).await;
        let append = store.inner.append_audit(record()).await;
        assert!(matches!(append, Err(StoreError::Unavailable(_))), "{append:?}");
    })
    .await;
}

async fn assert_cannot_connect(uri: &str) {
    let secret = uri.into();
    match timeout(PATIENCE, MongoStore::connect(&secret, "nephoscope")).await.expect("an answer in time") {
        Err(StoreError::Unavailable(text)) => assert!(!text.contains("hunter2"), "{text}"),
        other => panic!("{uri}: {other:?}"),
    }
}

/// MongoDB has one failpoint, and a new failure replaces the one before: these tests take turns.
static FAILPOINT: Mutex<()> = Mutex::const_new(());

/// A store whose commands can be made to fail, and no other's: the failures are bound to its application
/// name.
struct FailingStore {
    _my_turn: MutexGuard<'static, ()>,
    inner: MongoStore,
    app_name: String,
    admin: mongodb::Database,
}

impl FailingStore {
    async fn connect(home: &Arc<Home>) -> Self {
        let Home::Mongo { uri, database } = &**home else { unreachable!() };
        let app_name = new_id();
        let separator = if uri.contains('?') { '&' } else { '?' };
        let named = format!("{uri}{separator}appName={app_name}");
        let inner = MongoStore::connect(&named.into(), database).await.expect("a connection");
        let admin = mongodb::Client::with_uri_str(uri).await.expect("a client").database("admin");
        Self { _my_turn: FAILPOINT.lock().await, inner, app_name, admin }
    }

    async fn fail(&self, mode: Document, mut data: Document) {
        data.insert("appName", &self.app_name);
        self.admin
            .run_command(doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data })
            .await
            .expect("a failpoint: mongod must run with enableTestCommands=1");
    }
}

/// A door to MongoDB that can be shut: connections break, and new ones are refused.
async fn proxy_to(uri: &str) -> (std::net::SocketAddr, AbortHandle) {
    let options = mongodb::options::ClientOptions::parse(uri).await.expect("a URI");
    let server = options.hosts.first().expect("a host").to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (serving, cut) = abortable(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let server = server.clone();
            connections.spawn(async move {
                let mut far = TcpStream::connect(server).await?;
                copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    tokio::spawn(serving);
    (address, cut)
}
