//! Unattended work: what happens by itself, as the system's own caller.
//!
//! [`start`] is the visible list of everything that ticks. Each job goes through `ops` like everybody else.

use std::time::Duration;

use nephoscope_ops::Ops;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

/// How often ended sessions are forgotten.
const PURGE_EVERY: Duration = Duration::from_secs(600);

/// Starts every job. They end when `stop` is cancelled, and `tasks` knows when they have.
pub fn start(ops: &Ops, tasks: &TaskTracker, stop: &CancellationToken) {
    tasks.spawn(stop.clone().run_until_cancelled_owned(purge_sessions(ops.clone())));
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
