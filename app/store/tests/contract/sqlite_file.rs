//! The file of SQLite: who may read it, who made it, and who else has it open.

use std::{fs, sync::Barrier, thread};

use nephoscope_store::{SqliteStore, Store, StoreError};

use crate::{
    fixtures::{add_user, new_user, record},
    home::Home,
};

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::on_sqlite();
    let store = home.open().await;
    add_user(&*store, "ada").await;
    let path = home.path();
    let mode = |path: &std::path::Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().expect("a directory")), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        let file = path.with_file_name(format!("nephoscope.db{suffix}"));
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let home = Home::on_sqlite();
    let store = home.open().await;
    add_user(&*store, "ada").await;
    store.list_users().await.expect("an answer");
    store.close().await;
    let directory = fs::read_dir(home.path().parent().expect("a directory")).expect("a directory");
    let files: Vec<_> = directory.map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(files, ["nephoscope.db"], "the write-ahead log is folded in, and the file can be copied");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let home = Home::on_sqlite();
    home.open().await.close().await;
    let raw = rusqlite::Connection::open(home.path()).expect("SQLite opens");
    raw.pragma_update(None, "user_version", 999).expect("a newer version");
    match SqliteStore::open(home.path()) {
        Err(StoreError::Corrupt(text)) => assert!(text.contains("999") && text.contains("newer"), "{text}"),
        other => panic!("{other:?}"),
    }
    let version: i64 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    assert_eq!(version, 999);
}

#[tokio::test]
async fn what_is_no_database_is_corrupt_and_what_cannot_be_opened_is_unavailable() {
    let home = Home::on_sqlite();
    let directory = home.path().parent().expect("a directory").to_owned();
    fs::create_dir(&directory).expect("a directory");
    fs::write(home.path(), "Dear diary, ".repeat(1000)).expect("a file");
    let diary = SqliteStore::open(home.path());
    assert!(matches!(diary, Err(StoreError::Corrupt(_))), "{diary:?}");
    let no_file = SqliteStore::open(&directory);
    assert!(matches!(no_file, Err(StoreError::Unavailable(_))), "{no_file:?}");
    let under_a_file = SqliteStore::open(home.path().join("nephoscope.db"));
    assert!(matches!(under_a_file, Err(StoreError::Unavailable(_))), "{under_a_file:?}");
}

#[test]
fn many_may_open_a_fresh_database_at_once() {
    let home = Home::on_sqlite();
    let together = Barrier::new(8);
    thread::scope(|scope| {
        let openings: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    SqliteStore::open(home.path()).map(|_| ())
                })
            })
            .collect();
        for opening in openings {
            opening.join().expect("no panic").expect("SQLite opens");
        }
    });
}

#[tokio::test]
async fn a_write_waits_for_another_process_and_reads_do_not() {
    let home = Home::on_sqlite();
    let store = home.open().await;
    let ada = add_user(&*store, "ada").await;
    let other = rusqlite::Connection::open(home.path()).expect("SQLite opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");

    let mut writing = Box::pin(store.append_audit(record()));
    assert!(futures::poll!(&mut writing).is_pending());
    assert_eq!(store.get_user(&ada.id).await.expect("a read beside the lock"), Some(ada));
    assert!(futures::poll!(&mut writing).is_pending());

    other.execute_batch("COMMIT").expect("the lock is given back");
    writing.await.expect("a new record");
}

#[tokio::test]
async fn a_job_that_fails_harms_no_other_in_its_commit() {
    let home = Home::on_sqlite();
    let store = home.open().await;
    let other = rusqlite::Connection::open(home.path()).expect("SQLite opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    // While the lock is held, the jobs gather; the first waits for the lock, and the others go together.
    let names = ["ada", "bob", "ada", "eve", "bob"];
    let mut creating =
        Box::pin(futures::future::join_all(names.map(|name| store.create_user(new_user(name)))));
    assert!(futures::poll!(&mut creating).is_pending());
    other.execute_batch("COMMIT").expect("the lock is given back");
    let created: Vec<_> = creating.await.iter().map(Result::is_ok).collect();
    assert_eq!(created, [true, true, false, true, false]);
    assert_eq!(store.list_users().await.expect("an answer").len(), 3);
}

#[tokio::test]
async fn a_database_in_memory_can_do_the_same() {
    let store = SqliteStore::open_in_memory().expect("a database");
    let ada = add_user(&store, "ada").await;
    assert_eq!(store.list_users().await.expect("an answer"), [ada]);
    let another = SqliteStore::open_in_memory().expect("a database");
    assert!(another.list_users().await.expect("an answer").is_empty(), "each has its own");
}
