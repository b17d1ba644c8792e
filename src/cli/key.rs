//! `nephoscope key …`: the master key that seals secrets in the store.

use clap::Subcommand;
use nephoscope_ops::Caller;

use super::{Failure, say};
use crate::{config::Config, server};

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Bring a new master key into use, seal every secret anew with it, and drop the old one. Servers may go on running.
    Rotate,
}

pub(super) async fn run(command: KeyCommand, config: &Config) -> Result<(), Failure> {
    let ops = server::online_ops(config).await?;
    let result = match command {
        KeyCommand::Rotate => ops.rotate_master_key(&Caller::system()).await,
    };
    ops.close().await;
    let done = result?;
    let advice = if config.master_key.kms.is_some() || config.master_key.key.is_some() {
        " Keys that were used before can be taken out of the configuration now."
    } else {
        " Keep a copy of the key file, apart from the backups of the store."
    };
    say(&format!(
        "The master key {} seals from now on; {} secrets were sealed anew.{advice}",
        done.key, done.resealed
    ))
}
