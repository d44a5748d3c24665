//! The controller that leads, asked over HTTP.

use axum::body::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use parking_lot::Mutex;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::cluster::Cluster;
use super::find;
use super::token::{self, Tokens};
use super::way;
use crate::reading::NOT_LEADING;

/// Most bytes of one answer: a thousand events are one megabyte, the state of a thousand servers five.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
/// Most bytes of a refusal.
const MAX_REFUSAL: usize = 64 * 1024;

/// Why the controller gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The controllers are gone.
    #[error(transparent)]
    Find(#[from] find::Error),
    /// No token to ask with.
    #[error(transparent)]
    Token(#[from] token::Error),
    /// No connection, or it broke.
    #[error(transparent)]
    Way(#[from] way::Error),
    /// It refused.
    #[error("the controller refuses: {detail}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Its words.
        detail: String,
    },
    /// None of them leads.
    #[error(
        "no controller leads now; try again in a few seconds, and see `kubectl get leases -n {0}`"
    )]
    NobodyLeads(String),
    /// The answer is cut off or too large.
    #[error("the controller's answer is cut off, or larger than {} MiB; ask for less, with --since or --tail", MAX_ANSWER / 1024 / 1024)]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is not what it should be.
    #[error("the controller's answer cannot be read; use the plugin of the controller's version")]
    Form(#[source] serde_json::Error),
    /// The request cannot be made.
    #[error("the request cannot be written; check the names in it")]
    Request(#[source] http::Error),
}

/// The controllers of one release.
#[derive(Debug)]
pub(super) struct Remote {
    cluster: Cluster,
    pods: Api<Pod>,
    namespace: String,
    tokens: Tokens,
    /// Their pods, the one that led last first.
    order: Mutex<Vec<String>>,
}

/// Method, path and headers of a request.
type Question<'a> = (&'a Method, &'a str, &'a HeaderMap);

/// How the controller refuses (RFC 9457).
#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    detail: String,
}

impl Remote {
    /// Finds the controllers.
    pub(super) async fn find(cluster: Cluster) -> Result<Self, find::Error> {
        let found = find::controllers(&cluster).await?;
        Ok(Self {
            pods: Api::namespaced(cluster.client.clone(), &found.namespace),
            namespace: found.namespace.clone(),
            order: Mutex::new(found.pods.clone()),
            tokens: Tokens::new(cluster.clone(), found),
            cluster,
        })
    }

    /// Reads what is at this path, as JSON.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<(HeaderMap, T), Error> {
        let answer = self.open(path, &HeaderMap::new()).await?;
        let (head, body) = answer.into_parts();
        let text = whole(body, MAX_ANSWER).await?;
        let value = serde_json::from_slice(&text).map_err(Error::Form)?;
        Ok((head.headers, value))
    }

    /// Asks the one that leads for this path; an answer that is no success is an error.
    pub(super) async fn open(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, Error> {
        let answer = self.send(&Method::GET, path, headers).await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let problem = problem(answer).await;
        Err(Error::Refused {
            status,
            detail: problem.detail,
        })
    }

    /// Asks the one that leads, and gives whatever it answers. Where none of those that are known
    /// does, they may have been replaced: they are looked for once more.
    pub(super) async fn send(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, Error> {
        let question = (method, path, headers);
        match self.ask_all(question).await {
            Err(Error::Way(_) | Error::NobodyLeads(_)) => {
                let found = find::controllers(&self.cluster).await?;
                *self.order.lock() = found.pods;
                self.ask_all(question).await
            }
            done => done,
        }
    }

    /// Asks one after the other until one leads.
    async fn ask_all(&self, question: Question<'_>) -> Result<Response<Incoming>, Error> {
        let mut last = None;
        let order = self.order.lock().clone();
        for pod in order {
            match self.ask(&pod, question).await {
                Ok(Some(answer)) => {
                    self.order.lock().sort_by_key(|known| *known != pod);
                    return Ok(answer);
                }
                Ok(None) => {}
                // It may be gone since; another may answer.
                Err(error @ Error::Way(_)) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| Error::NobodyLeads(self.namespace.clone())))
    }

    /// Asks one; `None` if it does not lead.
    async fn ask(
        &self,
        pod: &str,
        (method, path, headers): Question<'_>,
    ) -> Result<Option<Response<Incoming>>, Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hivewright-controller")
            .header(header::AUTHORIZATION, self.tokens.header().await?)
            .body(Empty::<Bytes>::new())
            .map_err(Error::Request)?;
        request.headers_mut().extend(headers.clone());
        let answer = way::send(&self.pods, pod, request).await?;
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Some(answer));
        }
        let problem = problem(answer).await;
        if problem.reason == NOT_LEADING {
            return Ok(None);
        }
        Err(Error::Refused {
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: problem.detail,
        })
    }
}

/// What a refusal says.
async fn problem(answer: Response<Incoming>) -> Problem {
    let status = answer.status();
    let text = whole(answer.into_body(), MAX_REFUSAL)
        .await
        .unwrap_or_default();
    let problem: Problem = serde_json::from_slice(&text).unwrap_or_default();
    if problem.detail.is_empty() {
        return Problem {
            detail: format!("it answered {status}; use the plugin of the controller's version"),
            ..problem
        };
    }
    problem
}

async fn whole(body: Incoming, most: usize) -> Result<Bytes, Error> {
    let body = Limited::new(body, most).collect().await;
    Ok(body.map_err(Error::Body)?.to_bytes())
}
