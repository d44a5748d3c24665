//! Events as they come: from a file by looking again and again, from a controller as a stream that is
//! opened again when it breaks.

use std::time::Duration;

use futures::StreamExt as _;
use hivewright_api::cloud_event::CloudEvent;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use sse_stream::SseStream;
use tokio::time::sleep;

use super::remote::{self, Remote};
use super::{Error, Result};
use crate::journal::Query;
use crate::journal::read::POLL;
use crate::reading::{answer, path};

/// Wait before a broken stream is opened again; doubled with each failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest such wait: a controller that was replaced is found within this time.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Gives every event of a file that the query asks for, and goes on with those that come.
pub(super) async fn file(
    path: &std::path::Path,
    mut query: Query,
    mut each: impl FnMut(&CloudEvent<Value>) -> Result<()>,
) -> Result<()> {
    loop {
        let entries = answer::events(path, &query)?;
        for entry in &entries {
            each(&entry.event)?;
        }
        query.newest = false;
        match entries.last() {
            Some(last) => query.after = Some(last.row),
            None => sleep(POLL).await,
        }
    }
}

/// The same, of a controller.
pub(super) async fn remote(
    remote: &Remote,
    mut query: Query,
    mut each: impl FnMut(&CloudEvent<Value>) -> Result<()>,
) -> Result<()> {
    let mut last = None;
    let mut wait = FIRST_WAIT;
    loop {
        let before = last.clone();
        let ended = once(remote, &query, &mut last, &mut each).await;
        if last != before {
            query.newest = false;
            wait = FIRST_WAIT;
        }
        match ended {
            Ok(()) => {}
            Err(error) if lasts(&error) => return Err(error),
            Err(error) => eprintln!("{error}; connecting again in {} s", wait.as_secs()),
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Whether trying again cannot help.
fn lasts(error: &Error) -> bool {
    match error {
        Error::Remote(remote::Error::Refused { status, .. }) => {
            *status != StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Remote(
            remote::Error::Way(_)
            | remote::Error::Find(_)
            | remote::Error::NobodyLeads(_)
            | remote::Error::Body(_),
        ) => false,
        Error::Remote(
            remote::Error::Token(_) | remote::Error::Form(_) | remote::Error::Request(_),
        )
        | Error::Cluster(_)
        | Error::Find(_)
        | Error::Token(_)
        | Error::Page(_)
        | Error::Journal(_)
        | Error::NoNamespace
        | Error::Unheard(_)
        | Error::Print(_) => true,
    }
}

/// One stream, to its end. A controller ends a stream when it stops, and when it no longer leads.
async fn once(
    remote: &Remote,
    query: &Query,
    last: &mut Option<String>,
    each: &mut impl FnMut(&CloudEvent<Value>) -> Result<()>,
) -> Result<()> {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::ACCEPT,
        HeaderValue::from_static("text/event-stream"),
    );
    if let Some(last) = last
        .as_deref()
        .and_then(|last| HeaderValue::from_str(last).ok())
    {
        headers.insert("last-event-id", last);
    }
    let answer = remote.open(&path::events(query), &headers).await?;
    let mut stream = SseStream::new(answer.into_body());
    while let Some(sent) = stream.next().await {
        let sent = sent.map_err(|error| remote::Error::Body(error.into()))?;
        if let Some(data) = sent.data {
            let event = serde_json::from_str(&data).map_err(remote::Error::Form)?;
            each(&event)?;
        }
        if sent.id.is_some() {
            *last = sent.id;
        }
    }
    Ok(())
}
