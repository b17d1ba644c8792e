//! What was acknowledged is there after `kill -9`.
//!
//! The process to be killed is this test binary again: it runs [`append_until_killed`], which is ignored
//! otherwise.

use std::{
    collections::HashSet,
    env,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use nephoscope_model::audit::AuditQuery;
use nephoscope_store::{MongoStore, SqliteStore, Store};

use crate::{
    fixtures::{add_user, read_all, record},
    home::{Home, visit},
};

/// A file, or a MongoDB URI.
const WHERE: &str = "NEPHOSCOPE_TEST_APPEND_WHERE";
/// The database in MongoDB.
const DATABASE: &str = "NEPHOSCOPE_TEST_APPEND_DATABASE";
/// Comes before each acknowledged id, because the test harness writes to the same output.
const ACKNOWLEDGED: &str = "acknowledged ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_it_acknowledged_before_a_kill() {
    visit(Home::on_sqlite(), keeps_what_it_acknowledged).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb_keeps_what_it_acknowledged_before_a_kill() {
    visit(Home::on_mongodb(), keeps_what_it_acknowledged).await;
}

async fn keeps_what_it_acknowledged(home: Arc<Home>) {
    // Opened by another process the whole time, as the command line does beside a server.
    let beside = home.open().await;
    let ada = add_user(&*beside, "ada").await;
    let children_home = Arc::clone(&home);
    let acknowledged = tokio::task::spawn_blocking(move || kill_in_the_middle(&children_home)).await;
    let acknowledged = acknowledged.expect("no panic");
    assert!(acknowledged.len() >= 300, "the child was at work: {}", acknowledged.len());

    for store in [beside, home.open().await] {
        let found: HashSet<_> =
            read_all(&*store, &AuditQuery::default()).await.into_iter().map(|record| record.id).collect();
        let lost: Vec<_> = acknowledged.iter().filter(|id| !found.contains(*id)).collect();
        assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), acknowledged.len());
        assert_eq!(store.list_users().await.expect("an answer"), std::slice::from_ref(&ada));
        store.append_audit(record()).await.expect("it can be written to");
    }
}

/// Starts the child, kills it once it has done some work, and gives the ids whose acknowledgement it managed
/// to tell.
fn kill_in_the_middle(home: &Home) -> Vec<String> {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--exact", "durability::append_until_killed", "--ignored", "--nocapture"]);
    match home {
        Home::Sqlite { .. } => command.env(WHERE, home.path()),
        Home::Mongo { uri, database } => command.env(WHERE, uri).env(DATABASE, database),
    };
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a child");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut acknowledged = Vec::new();
    let mut hear = |line: std::io::Result<String>| {
        let line = line.expect("text");
        // The last line may have been cut off by the kill.
        if let Some((_, id)) = line.split_once(ACKNOWLEDGED)
            && id.len() == 36
        {
            acknowledged.push(id.to_owned());
        }
        acknowledged.len()
    };
    for line in lines.by_ref() {
        if hear(line) == 300 {
            child.kill().expect("a kill");
            break;
        }
    }
    lines.for_each(|line| {
        hear(line);
    });
    let status = child.wait().expect("an end");
    assert!(!status.success(), "it was killed and did not end by itself");
    acknowledged
}

#[ignore = "the child of the tests in this file"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn append_until_killed() {
    let Ok(place) = env::var(WHERE) else { return };
    let store: Arc<dyn Store> = match env::var(DATABASE) {
        Ok(database) => {
            Arc::new(MongoStore::connect(&place.into(), &database).await.expect("MongoDB connects"))
        }
        Err(_) => Arc::new(SqliteStore::open(place).expect("SQLite opens")),
    };
    let output = Arc::new(Mutex::new(std::io::stdout()));
    let appending = (0..8).map(|_| {
        let (store, output) = (Arc::clone(&store), Arc::clone(&output));
        tokio::spawn(async move {
            loop {
                let record = record();
                let id = record.id.clone();
                store.append_audit(record).await.expect("a new record");
                let mut output = output.lock().expect("a lock");
                writeln!(output, "{ACKNOWLEDGED}{id}").expect("somebody listens");
            }
        })
    });
    futures::future::join_all(appending).await;
}
