//! `nephoscope signing-key …`: the key that signs session tokens.

use clap::Subcommand;
use nephoscope_ops::Caller;

use super::{Failure, say};
use crate::{config::Config, server};

#[derive(Debug, Subcommand)]
pub(super) enum SigningKeyCommand {
    /// Make a new key. A running server takes it over by itself, and nobody is logged out.
    Rotate,
}

pub(super) async fn run(command: SigningKeyCommand, config: &Config) -> Result<(), Failure> {
    let store = server::open_store(config).await?;
    let ops = server::offline_ops(store, server::signing_keys(config)?).await;
    let result = match command {
        SigningKeyCommand::Rotate => ops.rotate_signing_key(&Caller::system()).await,
    };
    ops.close().await;
    say(&format!("The key {} signs from now on; the one before is accepted for another hour.", result?))
}
