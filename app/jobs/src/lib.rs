//! Unattended work: what happens by itself, as the system's own caller.
//!
//! [`start`] is the visible list of everything that ticks. Each job goes through `ops` like everybody else.

use std::time::Duration;

use nephoscope_ops::Ops;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, info, warn};

/// How often ended sessions are forgotten.
const PURGE_EVERY: Duration = Duration::from_secs(600);

/// How often it is looked whether the signing key has become old.
const LOOK_AT_KEY_EVERY: Duration = Duration::from_secs(3_600);

/// How often the newest record of the audit is written into the log.
const NOTE_HEAD_EVERY: Duration = Duration::from_secs(3_600);

/// How often records that are older than the configuration keeps them are removed from the audit.
const RETAIN_EVERY: Duration = Duration::from_secs(86_400);

/// How often counts of calls to AWS go to the store.
const FLUSH_USAGE_EVERY: Duration = Duration::from_secs(10);

/// How often counts that are older than reports look back are forgotten.
const FORGET_USAGE_EVERY: Duration = Duration::from_secs(86_400);

/// How often the accounts are taken from the store, since another server or the command line may have changed them.
const SYNC_ACCOUNTS_EVERY: Duration = Duration::from_secs(15);

/// How often it is looked for uploads that nobody finishes.
const LOOK_AT_UPLOADS_EVERY: Duration = Duration::from_secs(60);

/// How often it is looked for terminations that are due while some wait, and while none are known: another server may have put one into the
/// queue and be gone when it is due.
const LOOK_FOR_DUE_EVERY: Duration = Duration::from_secs(1);
const LOOK_FOR_QUEUED_EVERY: Duration = Duration::from_secs(5);

/// Starts every job. They end when `stop` is cancelled, and `tasks` knows when they have.
pub fn start(ops: &Ops, tasks: &TaskTracker, stop: &CancellationToken) {
    tasks.spawn(stop.clone().run_until_cancelled_owned(purge_sessions(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(note_audit_head(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(retain_audit(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(flush_usage(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(forget_old_usage(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(rotate_signing_key(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(sync_accounts(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(carry_out_terminations(ops.clone())));
    tasks.spawn(stop.clone().run_until_cancelled_owned(give_up_idle_uploads(ops.clone())));
}

/// Forgets tokens that have ended, so that the store does not grow with every log-in.
async fn purge_sessions(ops: Ops) {
    let mut ticks = interval(PURGE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match ops.purge_sessions().await {
            Ok(purged) => debug!(purged, "forgot ended sessions"),
            Err(error) => warn!(code = ?error.code, "cannot forget ended sessions: {error}"),
        }
    }
}

/// Gives up uploads in parts that nobody goes on with, so that S3 does not keep what was sent of them.
async fn give_up_idle_uploads(ops: Ops) {
    let mut ticks = every(LOOK_AT_UPLOADS_EVERY);
    loop {
        ticks.tick().await;
        match ops.give_up_idle_uploads().await {
            Ok(0) => {}
            Ok(uploads) => info!(uploads, "gave up uploads that nobody finished"),
            Err(error) => warn!(code = ?error.code, "cannot look for uploads that nobody finishes: {error}"),
        }
    }
}

/// Keeps the accounts what the store says.
async fn sync_accounts(ops: Ops) {
    let mut ticks = interval(SYNC_ACCOUNTS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = ops.sync_accounts().await {
            warn!(code = ?error.code, "cannot take the accounts from the store: {error}");
        }
    }
}

/// Changes the key that signs session tokens every 30 days.
async fn rotate_signing_key(ops: Ops) {
    let mut ticks = interval(LOOK_AT_KEY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = ops.rotate_old_signing_key().await {
            warn!(code = ?error.code, "cannot change the signing key: {error}");
        }
    }
}

/// Logs the head of the audit: when the server starts, and then every hour. Whoever keeps logs elsewhere can prove with it later that
/// nothing was cut off or written anew.
async fn note_audit_head(ops: Ops) {
    let mut ticks = every(NOTE_HEAD_EVERY);
    loop {
        ticks.tick().await;
        ops.log_audit_head().await;
    }
}

/// Removes what is too old from the audit, if the configuration says that anything is.
async fn retain_audit(ops: Ops) {
    let mut ticks = every(RETAIN_EVERY);
    loop {
        ticks.tick().await;
        match ops.retain_audit().await {
            Ok(0) => {}
            Ok(removed) => info!(removed, "removed old records from the audit"),
            Err(error) => warn!(code = ?error.code, "old records stay in the audit: {error}"),
        }
    }
}

/// Stores how often AWS was called.
async fn flush_usage(ops: Ops) {
    let mut ticks = every(FLUSH_USAGE_EVERY);
    loop {
        ticks.tick().await;
        ops.flush_usage().await;
    }
}

/// Forgets counts of calls that nobody looks at any more.
async fn forget_old_usage(ops: Ops) {
    let mut ticks = every(FORGET_USAGE_EVERY);
    loop {
        ticks.tick().await;
        match ops.forget_old_usage().await {
            Ok(0) => {}
            Ok(counts) => info!(counts, "forgot old counts of calls to AWS"),
            Err(error) => warn!(code = ?error.code, "old counts of calls to AWS stay: {error}"),
        }
    }
}

/// Terminates instances whose time has come.
async fn carry_out_terminations(ops: Ops) {
    loop {
        let look_again = match ops.carry_out_terminations().await {
            Ok(Some(_)) => LOOK_FOR_DUE_EVERY,
            Ok(None) => LOOK_FOR_QUEUED_EVERY,
            Err(error) => {
                warn!(code = ?error.code, "cannot look for terminations that are due: {error}");
                LOOK_FOR_QUEUED_EVERY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(look_again) => {}
            () = ops.termination_queued() => {}
        }
    }
}

/// Ticks at once and then regularly, without catching up on what it missed.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
