//! `nephoscope audit …`: whether the audit is what it was.

use clap::Subcommand;
use nephoscope_model::audit::AuditHead;
use nephoscope_ops::{Caller, Ops};
use nephoscope_store::Verification;

use super::{Failure, say};
use crate::{config::Config, server};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Find the first record that was changed, removed or put elsewhere. Exit code 1 when there is one.
    Verify {
        /// Also prove that this head, which was noted earlier, is still in the audit: only that finds records that were cut off its end, and
        /// an audit that was written anew.
        #[arg(long, value_name = "SEQ:HASH")]
        expect: Option<AuditHead>,
    },
}

pub(super) async fn run(command: AuditCommand, config: &Config) -> Result<(), Failure> {
    let store = server::open_store(config).await?;
    let ops = server::offline_ops(store, server::signing_keys(config)?).await;
    let result = obey(command, &ops).await;
    ops.close().await;
    result
}

async fn obey(command: AuditCommand, ops: &Ops) -> Result<(), Failure> {
    let AuditCommand::Verify { expect } = command;
    match ops.verify_audit(&Caller::system(), expect.as_ref()).await? {
        Verification::Broken(what) => Err(Failure::Failed(format!("the audit is not intact: {what}."))),
        Verification::Intact { records, first, head, removed } => {
            if let Some(removed) = removed {
                say(&format!("Records 1 to {} were removed by retention.", removed.seq))?;
            }
            let (Some(first), Some(head)) = (first, head) else {
                return say("The audit is empty.");
            };
            say(&format!("The audit is intact: {records} records, {first} to {}.", head.seq))?;
            if let Some(expected) = expect {
                say(&format!("The noted record {} is among them, as it was.", expected.seq))?;
            }
            say(&format!("Note this head where nobody who can write to the store can change it:\n{head}"))
        }
    }
}
