//! `replay`: how every server was at a time.

use std::io;

use super::origin::From;
use super::show::{json, states};
use super::{Error, Result};
use crate::args::{Output, ReplayArgs};
use crate::journal::About;

/// Runs it.
pub(super) async fn run(args: ReplayArgs) -> Result<()> {
    let from = From::open(&args.from).await?;
    // The namespace of the context does not count: every server is asked for.
    let about = match args.from.cluster.namespace {
        Some(namespace) => About::Namespace(namespace),
        None => About::All,
    };
    let known = from.origin.states(&about, args.at).await?;
    let mut out = io::stdout().lock();
    let done = match args.show.output {
        Output::Table => states::table(&mut out, &known, jiff::Timestamp::now()),
        Output::Json => json::pretty(&mut out, &known),
    };
    done.map_err(Error::Print)
}
