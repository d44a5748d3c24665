//! The two questions to the API server: whose token is this, and may they.

use std::time::Duration;

use hivewright_api::names;
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{SubjectAccessReview, SubjectAccessReviewSpec};
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Ask, Denial};

/// Longest time for the answer to one question, seconds: people wait for it.
const BOUND: Duration = Duration::from_secs(5);
/// Questions at once. Each is a call that somebody without any right can cause; past it they are
/// told to come again, so that they cannot use up the controller's share of the API server.
const AT_ONCE: usize = 16;

/// Asks the API server.
#[derive(Debug)]
pub(super) struct Reviews {
    client: Asker,
    line: Semaphore,
}

/// A client, which has no `Debug` of its own.
struct Asker(Client);

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Reviews {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client: Asker(client),
            line: Semaphore::new(AT_ONCE),
        }
    }

    /// Whose token it is; `None` if nobody's. One that was made for Hivewright alone is good
    /// nowhere else, so that is asked for first; then one that the API server itself takes.
    pub(super) async fn who(&self, token: &str) -> Result<Option<UserInfo>, Denial> {
        let ours = vec![names::READER_AUDIENCE.to_owned()];
        match self.review(token, Some(ours)).await? {
            Some(user) => Ok(Some(user)),
            None => self.review(token, None).await,
        }
    }

    async fn review(
        &self,
        token: &str,
        audiences: Option<Vec<String>>,
    ) -> Result<Option<UserInfo>, Denial> {
        let asked = audiences.clone();
        let review = TokenReview {
            spec: TokenReviewSpec {
                audiences,
                token: Some(token.to_owned()),
            },
            ..TokenReview::default()
        };
        let status = self.ask(&review).await?.status.unwrap_or_default();
        // An authenticator that knows no audiences answers for the API server's alone, and says so
        // by naming none of ours (TokenReview API, status.audiences).
        let heard = asked.is_none_or(|asked| {
            let named = status.audiences.unwrap_or_default();
            asked.iter().any(|audience| named.contains(audience))
        });
        let known = status.authenticated == Some(true) && heard;
        Ok(status.user.filter(|_| known))
    }

    /// Whether they may.
    pub(super) async fn may(&self, user: &UserInfo, ask: &Ask) -> Result<bool, Denial> {
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                resource_attributes: Some(ask.attributes()),
                user: user.username.clone(),
                uid: user.uid.clone(),
                groups: user.groups.clone(),
                extra: user.extra.clone(),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let status = self.ask(&review).await?.status.unwrap_or_default();
        Ok(status.allowed && status.denied != Some(true))
    }

    async fn ask<R>(&self, review: &R) -> Result<R, Denial>
    where
        R: kube::Resource<DynamicType = (), Scope = k8s_openapi::ClusterResourceScope>
            + Clone
            + serde::Serialize
            + serde::de::DeserializeOwned
            + std::fmt::Debug,
    {
        let _place = self.line.try_acquire().map_err(|_| Denial::Busy)?;
        let api = Api::<R>::all(self.client.0.clone());
        match timeout(BOUND, api.create(&PostParams::default(), review)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(kube::Error::Api(status))) if status.code == 403 => Err(Denial::Powerless),
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "Reader could not be reviewed"
                );
                Err(Denial::Unanswered)
            }
            Err(_) => Err(Denial::Unanswered),
        }
    }
}
