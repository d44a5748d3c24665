//! `timeline`: what happened to one server, event by event.

use std::io::{self, Write};

use hivewright_api::cloud_event::CloudEvent;
use serde_json::Value;

use super::follow;
use super::origin::{From, Origin};
use super::show::{events, json};
use super::{Error, Result};
use crate::args::{Output, TimelineArgs};
use crate::journal::read::MAX_ENTRIES;
use crate::journal::{About, Query};

/// Runs it.
pub(super) async fn run(args: TimelineArgs) -> Result<()> {
    let from = From::open(&args.from).await?;
    let server = from.server(&args.server)?;
    let query = Query {
        about: About::Server(server.clone()),
        since: args.since,
        newest: args.tail.is_some(),
        limit: args
            .tail
            .map_or(MAX_ENTRIES, |tail| tail.clamp(1, MAX_ENTRIES)),
        ..Query::default()
    };
    let mut out = io::stdout().lock();
    let output = args.show.output;
    let begun = begin(&mut out, output);
    let mut each = |event: &CloudEvent<Value>| tell(&mut out, output, event).map_err(Error::Print);
    begun.map_err(Error::Print)?;
    if args.follow {
        return match &from.origin {
            Origin::File(path) => follow::file(path, query, each).await,
            Origin::Cluster(remote) => follow::remote(remote, query, each).await,
        };
    }
    let mut told = 0;
    let mut next = Some(query);
    while let Some(query) = next {
        let (page, after) = from.origin.page(&query).await?;
        told += page.len();
        page.iter().try_for_each(&mut each)?;
        next = after;
    }
    if told == 0 && args.since.is_none() {
        return Err(Error::Unheard(server));
    }
    Ok(())
}

fn begin(out: &mut impl Write, output: Output) -> io::Result<()> {
    match output {
        Output::Table => events::head(out),
        Output::Json => Ok(()),
    }
}

/// At once: whoever follows waits for the line.
fn tell(out: &mut impl Write, output: Output, event: &CloudEvent<Value>) -> io::Result<()> {
    match output {
        Output::Table => events::line(out, event, jiff::Timestamp::now())?,
        Output::Json => json::line(out, event)?,
    }
    out.flush()
}
