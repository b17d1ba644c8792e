//! `nephoscope policy`: what to allow in IAM.

use clap::Args;
use nephoscope_model::identity::Role;

use super::{Failure, say};

#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// Only what is needed to look, not to start, stop, reboot or terminate.
    #[arg(long)]
    read_only: bool,
    /// Also what is needed to discover accounts of the organization and enabled regions.
    #[arg(long, conflicts_with = "read_only")]
    discover: bool,
}

pub(super) fn run(args: &PolicyArgs) -> Result<(), Failure> {
    let role = match (args.read_only, args.discover) {
        (true, _) => Role::Viewer,
        (false, false) => Role::Operator,
        (false, true) => Role::Admin,
    };
    say(nephoscope_aws::account_policy(role).trim_end())
}
