//! `nephoscope api`: the REST API, described.

use clap::Args;

use super::{Failure, say};
use crate::server;

#[derive(Debug, Args)]
pub(super) struct ApiArgs {
    /// As a page with examples instead of the OpenAPI document.
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(args: &ApiArgs) -> Result<(), Failure> {
    let text = if args.markdown { server::api_page() } else { server::api_document() };
    say(text.trim_end())
}
