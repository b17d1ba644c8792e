//! What the tests of this room share: one account in one region, and no patience.

use std::{sync::Arc, time::Duration};

use nephoscope_aws::replay::Replay;
use nephoscope_live::{Hub, Pacing};
use nephoscope_model::{Account, Place, logs::LogTail, scope::AccountColor};

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn place() -> Place {
    Place { account: "111111111111".parse().expect("an id"), region: "us-east-1".parse().expect("a region") }
}

pub(crate) fn tail() -> LogTail {
    LogTail::new(place(), "/app/web", vec![]).expect("a good tail")
}

pub(crate) fn estate() -> Vec<Account> {
    vec![Account {
        id: place().account,
        name: "test".to_owned(),
        color: AccountColor::Blue,
        regions: vec![place().region],
    }]
}

/// As quick as can be, so that a test takes milliseconds.
pub(crate) fn pacing() -> Pacing {
    let quick = Duration::from_millis(5);
    Pacing {
        logs: quick,
        instances: quick,
        transitions: quick,
        metrics: quick,
        backoff: quick,
        max_backoff: quick,
        linger: Duration::from_secs(60),
    }
}

pub(crate) async fn hub(replay: &Replay) -> Hub {
    Hub::new(replay.cloud(estate()).await, pacing(), Arc::new(|_, _| {}))
}
