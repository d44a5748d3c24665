//! The container's log through `pods/log`, followed. See `hivewright_bridge::recover` for what it is
//! good for.

use std::time::Duration;

use futures::{StreamExt, stream::BoxStream};
use hivewright_bridge::{line::Lines, recover::Log};
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Resource,
    api::{LogParams, Request},
    client::Body,
};
use tokio::time::{sleep, timeout};

use super::{
    AttachEnd,
    connect::CONNECT_LIMIT,
    ears::{Ears, Phase},
};
use crate::backend::{output::LineSink, pod::Target};

/// Longest that the place of the break is looked for. A log of 10 MiB, the most that a kubelet
/// gives, is read in a fraction of a second on an idle node. Past it the log was rotated, or
/// belongs to another process.
pub const LOCATE_LIMIT: Duration = Duration::from_secs(10);
/// How much further back than the last answer the log is asked for: the kubelet counts in whole
/// seconds, and takes the time at which the runtime read a line for the time of the line.
const LOG_MARGIN: Duration = Duration::from_secs(5);

/// The log's bytes as they come.
pub type LogStream = BoxStream<'static, Result<bytes::Bytes, kube::Error>>;

/// Why the log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The request could not be built.
    #[error("the pod's name does not make a URL")]
    Request(#[source] kube::core::request::Error),
    /// The API server says that it will not give it; 403 means that the Role lacks `pods/log`.
    #[error("the API server refused the container's log with status {0}")]
    Refused(u16),
    /// It could not be had now.
    #[error("the container's log could not be read")]
    Failed(#[source] Box<kube::Error>),
    /// The API server cannot give it now.
    #[error("the API server cannot give the container's log now, status {0}")]
    NotNow(u16),
    /// No answer within [`CONNECT_LIMIT`].
    #[error("the API server did not answer within {} s", CONNECT_LIMIT.as_secs())]
    NoAnswer,
}

impl LogError {
    /// Whether asking again may help.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Failed(_) | Self::NotNow(_) | Self::NoAnswer => true,
            Self::Request(_) | Self::Refused(_) => false,
        }
    }
}

/// The log from so long ago on: of stdout alone if the cluster can give that.
///
/// # Errors
/// See [`LogError`].
pub async fn follow(target: &Target, age: Duration) -> Result<(Log, LogStream), LogError> {
    match timeout(CONNECT_LIMIT, get(target, age, "&stream=Stdout")).await {
        // "may not be specified": the cluster lacks the feature PodLogsQuerySplitStreams.
        Ok(Err(LogError::Refused(400 | 422))) => {}
        Ok(answer) => return answer.map(|log| (Log::Stdout, log)),
        Err(_) => return Err(LogError::NoAnswer),
    }
    match timeout(CONNECT_LIMIT, get(target, age, "")).await {
        Ok(answer) => answer.map(|log| (Log::Both, log)),
        Err(_) => Err(LogError::NoAnswer),
    }
}

async fn get(target: &Target, age: Duration, more: &str) -> Result<LogStream, LogError> {
    let seconds = (age + LOG_MARGIN).as_secs().saturating_add(1);
    let params = LogParams {
        container: Some(target.container.to_string()),
        follow: true,
        since_seconds: Some(i64::try_from(seconds).unwrap_or(i64::MAX)),
        ..LogParams::default()
    };
    let request = Request::new(Pod::url_path(&(), Some(&target.namespace)))
        .logs(&target.pod, &params)
        .map_err(LogError::Request)?;
    let (mut head, body) = request.into_parts();
    let uri = format!("{}{more}", head.uri);
    head.uri = uri
        .parse()
        .map_err(|error: http::uri::InvalidUri| http::Error::from(error))
        .map_err(|error| LogError::Request(kube::core::request::Error::BuildRequest(error)))?;
    let request = http::Request::from_parts(head, Body::from(body));
    let answer = target.client.send(request).await;
    let answer = answer.map_err(|error| LogError::Failed(Box::new(error)))?;
    match answer.status().as_u16() {
        200..=299 => Ok(answer.into_body().into_data_stream().boxed()),
        status @ (429 | 500..=599) => Err(LogError::NotNow(status)),
        status => Err(LogError::Refused(status)),
    }
}

/// Reads the log until the connection has all that comes. Ends only if that cannot be.
pub(super) async fn listen<L: LineSink>(log: Option<LogStream>, ears: &Ears<'_, L>) -> AttachEnd {
    let mut phase = ears.phase();
    if let Some(log) = log {
        let mut left = ears.phase();
        tokio::select! {
            biased;
            _ = left.wait_for(|phase| matches!(phase, Phase::Attached | Phase::Lost(_))) => {}
            end = read(log, ears) => return end,
            () = not_located(ears) => return AttachEnd::NotLocated,
        }
    }
    let lost = phase.wait_for(|phase| matches!(phase, Phase::Lost(_)));
    match lost.await.map(|phase| *phase) {
        Ok(Phase::Lost(lost)) => AttachEnd::Lost(lost),
        Ok(Phase::Attached | Phase::Seeking | Phase::Reading) | Err(_) => {
            std::future::pending().await
        }
    }
}

async fn read<L: LineSink>(mut log: LogStream, ears: &Ears<'_, L>) -> AttachEnd {
    let mut lines = Lines::default();
    while let Some(chunk) = log.next().await {
        match chunk {
            Ok(chunk) => lines.feed(chunk),
            Err(error) => return AttachEnd::LogBroke(Some(Box::new(error))),
        }
        while let Some(line) = lines.next() {
            ears.log(line);
            if *ears.phase().borrow() == Phase::Attached {
                return std::future::pending().await;
            }
        }
    }
    AttachEnd::LogBroke(None)
}

/// The place of the break was not found in time.
async fn not_located<L: LineSink>(ears: &Ears<'_, L>) {
    sleep(LOCATE_LIMIT).await;
    let mut phase = ears.phase();
    if *phase.borrow_and_update() != Phase::Seeking {
        std::future::pending::<()>().await;
    }
}
