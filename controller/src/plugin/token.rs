//! By which token we are known to the controller.
//!
//! The kubeconfig's own, however it comes by it (a file, a plugin of a cloud). A kubeconfig with a
//! client certificate has none: then one of the reader's ServiceAccount is asked for, which is good for
//! reading from the controller and for nothing else.

use hivewright_api::names;
use std::future::{Ready, ready};

use http::{HeaderValue, Request, Response, header};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use kube::client::{Body, ConfigExt as _};
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};
use tower::{BoxError, Layer as _, ServiceExt as _, service_fn};

use super::cluster::Cluster;
use super::find::Found;

/// How long a token of the reader's ServiceAccount is good: the shortest time that Kubernetes gives.
const LASTS: Duration = Duration::from_mins(10);
/// A token is replaced when this much of its time is left: a request may be on its way so long.
const SPARE: Duration = Duration::from_mins(1);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kubeconfig's way to a token does not work.
    #[error("the kubeconfig gives no token; check with `kubectl auth whoami`")]
    Own(#[source] BoxError),
    /// The chart made no ServiceAccount for readers.
    #[error(
        "the kubeconfig has a certificate and no token, and the controller names no ServiceAccount for readers; install the Hivewright chart with reader.enabled=true"
    )]
    NoAccount,
    /// We may not have a token of it.
    #[error(
        "the kubeconfig has a certificate and no token, and no token can be had of the ServiceAccount {account}; the right is `create serviceaccounts/token`"
    )]
    Account {
        /// The ServiceAccount, as `NAMESPACE/NAME`.
        account: String,
        /// Why not.
        #[source]
        source: kube::Error,
    },
}

/// Gives the token for each request.
#[derive(Debug)]
pub(super) struct Tokens {
    cluster: Cluster,
    found: Found,
    /// The reader's, and until when it is good.
    reader: Mutex<Option<(HeaderValue, Instant)>>,
}

impl Tokens {
    pub(super) fn new(cluster: Cluster, found: Found) -> Self {
        Self {
            cluster,
            found,
            reader: Mutex::default(),
        }
    }

    /// The value of the Authorization header.
    pub(super) async fn header(&self) -> Result<HeaderValue, Error> {
        match self.own().await? {
            Some(own) => Ok(own),
            None => self.readers().await,
        }
    }

    /// What kube's client would send: it alone knows every way in which a kubeconfig gives a token,
    /// and when it is time for a new one.
    async fn own(&self) -> Result<Option<HeaderValue>, Error> {
        let layer = self.cluster.config.auth_layer();
        let Some(layer) = layer.map_err(|error| Error::Own(error.into()))? else {
            return Ok(None);
        };
        let echo = service_fn(echo);
        let sent = layer.layer(echo).oneshot(Request::new(Body::empty())).await;
        let bearer = |value: &HeaderValue| value.as_bytes().starts_with(b"Bearer ");
        let sent = sent.map_err(Error::Own)?;
        Ok(sent
            .headers()
            .get(header::AUTHORIZATION)
            .filter(|value| bearer(value))
            .cloned())
    }

    async fn readers(&self) -> Result<HeaderValue, Error> {
        let mut kept = self.reader.lock().await;
        if let Some((token, end)) = kept.as_ref()
            && Instant::now() + SPARE < *end
        {
            return Ok(token.clone());
        }
        let asked = Instant::now();
        let token = self.ask().await?;
        *kept = Some((token.clone(), asked + LASTS));
        Ok(token)
    }

    async fn ask(&self) -> Result<HeaderValue, Error> {
        let Found {
            namespace, account, ..
        } = &self.found;
        let account = account.as_deref().ok_or(Error::NoAccount)?;
        let accounts = Api::<ServiceAccount>::namespaced(self.cluster.client.clone(), namespace);
        let request = TokenRequest {
            spec: TokenRequestSpec {
                audiences: vec![names::READER_AUDIENCE.to_owned()],
                expiration_seconds: i64::try_from(LASTS.as_secs()).ok(),
                ..TokenRequestSpec::default()
            },
            ..TokenRequest::default()
        };
        let given = accounts
            .create_token_request(account, &PostParams::default(), &request)
            .await
            .map_err(|source| Error::Account {
                account: format!("{namespace}/{account}"),
                source,
            })?;
        let token = given.status.map(|status| status.token).unwrap_or_default();
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|error| Error::Own(error.into()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Answers with the headers of the request.
fn echo(request: Request<Body>) -> Ready<Result<Response<()>, BoxError>> {
    let mut answer = Response::new(());
    *answer.headers_mut() = request.into_parts().0.headers;
    ready(Ok(answer))
}
