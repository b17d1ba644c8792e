//! The one thread that writes, many jobs to a commit.
//!
//! A commit waits for the disk. While it does, jobs queue up, and the next transaction takes all of them: so
//! a busy server makes no more commits than a quiet one, and nobody is told of success before the disk has
//! it. Each job has a savepoint of its own, so that one which fails leaves nothing behind and harms no other.

use std::{
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::{Result, StoreError};

/// Jobs in one transaction, at most: bounds how long the first of them waits for its acknowledgement.
const BATCH_LIMIT: usize = 256;
/// Jobs that may wait; beyond that, those who ask wait to be heard.
const QUEUE_LIMIT: usize = 1024;

/// The handle to the writing thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. It owns the connection, and lets go of it when the writer is closed or dropped.
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_LIMIT);
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_until_closed(connection, jobs))
            .map_err(|error| StoreError::Unavailable(format!("cannot start the writing thread: {error}")))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Does the work and commits it. When this returns, the result is on the disk.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (reply, answer) = oneshot::channel();
        queue
            .ok_or_else(closed)?
            .send(Box::new(Task { work: Some(work), result: None, reply }))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Lets the thread finish what was asked for, and waits for its end.
    pub(super) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // Its panic, if it had one, was reported when it happened.
            let _ended = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".to_owned())
}

/// Something to write, and somebody who waits for it.
trait Job: Send {
    /// Does it inside a savepoint, keeps the result for [`Self::acknowledge`], and says whether it went well.
    fn perform(&mut self, batch: &mut Transaction<'_>) -> Result<()>;

    /// Tells who waits: the job's own result if the batch was committed, otherwise what became of the batch.
    fn acknowledge(self: Box<Self>, batch: Result<()>);
}

struct Task<T, W> {
    work: Option<W>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T> + Send,
{
    fn perform(&mut self, batch: &mut Transaction<'_>) -> Result<()> {
        let Some(work) = self.work.take() else { return Ok(()) };
        let result = in_savepoint(batch, work);
        let went_well = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.result = Some(result);
        went_well
    }

    fn acknowledge(self: Box<Self>, batch: Result<()>) {
        let Self { result, reply, .. } = *self;
        let answer = batch.and_then(|()| result.unwrap_or_else(|| Err(closed())));
        // Whoever asked may have gone away, as a browser does; the work is done all the same.
        let _gone = reply.send(answer);
    }
}

fn in_savepoint<T>(batch: &mut Transaction<'_>, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let savepoint = batch.savepoint()?;
    let result = work(&savepoint)?; // on an error the savepoint is dropped, which rolls it back
    savepoint.commit()?;
    Ok(result)
}

fn write_until_closed(mut connection: Connection, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH_LIMIT
            && let Ok(job) = queue.try_recv()
        {
            batch.push(job);
        }
        run_batch(&mut connection, batch);
    }
}

fn run_batch(connection: &mut Connection, mut batch: Vec<Box<dyn Job>>) {
    let fate = commit(connection, &mut batch);
    for job in batch {
        job.acknowledge(fate.clone());
    }
}

fn commit(connection: &mut Connection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    let mut batch = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in jobs {
        let went_well = job.perform(&mut batch);
        // After a full disk and the like, SQLite has rolled back not only the savepoint but everything.
        if batch.is_autocommit() {
            return went_well
                .and(Err(StoreError::Unavailable("SQLite rolled the transaction back".to_owned())));
        }
    }
    Ok(batch.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "PRAGMA max_page_count = 16";

    fn task<T: Send + 'static>(
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Task { work: Some(work), result: None, reply }), answer)
    }

    fn insert(bytes: usize) -> impl FnOnce(&Connection) -> Result<()> + Send + 'static {
        move |connection| {
            Ok(connection.execute("INSERT INTO a VALUES (zeroblob(?1))", [bytes as i64]).map(|_| ())?)
        }
    }

    fn table() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch("CREATE TABLE a (x)").expect("a table");
        connection
    }

    fn rows(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).expect("a count")
    }

    /// A full disk may take the whole transaction with it: what is told and what is kept must agree even so.
    #[test]
    fn what_is_acknowledged_is_what_is_kept_even_when_the_disk_is_full() {
        let mut connection = table();
        connection.execute_batch(FULL).expect("a small disk");
        let (jobs, answers): (Vec<_>, Vec<_>) =
            [10, 1_000_000, 10, 10].into_iter().map(|bytes| task(insert(bytes))).unzip();
        run_batch(&mut connection, jobs);
        let told: Vec<_> =
            answers.into_iter().map(|mut answer| answer.try_recv().expect("an answer")).collect();
        assert!(matches!(told[1], Err(StoreError::Unavailable(_))), "{told:?}");
        let acknowledged = told.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(acknowledged as i64, rows(&connection), "{told:?}");

        let (job, mut answer) = task(insert(10));
        run_batch(&mut connection, vec![job]);
        answer.try_recv().expect("an answer").expect("the next batch goes well");
    }

    #[test]
    fn a_transaction_that_is_lost_is_lost_for_all() {
        let mut connection = table();
        let lose = |connection: &Connection| -> Result<()> { Ok(connection.execute_batch("ROLLBACK")?) };
        let (first, mut kept) = task(insert(10));
        let (second, mut losing) = task(lose);
        let (third, mut after) = task(insert(10));
        run_batch(&mut connection, vec![first, second, third]);
        for answer in [&mut kept, &mut losing, &mut after] {
            assert!(answer.try_recv().expect("an answer").is_err());
        }
        assert_eq!(rows(&connection), 0);
    }

    #[tokio::test]
    async fn who_goes_away_does_not_undo_what_they_asked_for() {
        let writer = Writer::start(table()).expect("a writer");
        {
            let asked = writer.run(insert(10));
            futures::pin_mut!(asked);
            // Whether it is answered already or not, nobody listens any longer.
            let _answer = futures::poll!(asked);
        }
        assert_eq!(writer.run(|connection| Ok(rows(connection))).await.expect("a count"), 1);
    }
}
