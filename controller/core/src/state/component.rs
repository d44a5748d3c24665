//! What every component of a state can say about itself.

use hivewright_api::status::ComponentStatus;

use super::Standing;
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// A component whose state shows as a condition. `status` and `from_status` are
/// inverse to each other.
pub trait Component: Sized {
    /// Why it is as it is.
    fn reason(&self) -> Reason;

    /// Whether it is well.
    fn standing(&self) -> Standing;

    /// One sentence that says what to change, if anything.
    fn sentence(&self) -> String;

    /// What others said about it.
    fn detail(&self) -> Option<&Detail>;

    /// Exit code of its process, if it ended.
    fn exit_code(&self) -> Option<i32>;

    /// Every state, with this data where a state has any. No two have the same reason.
    fn all(detail: &Detail, exit_code: i32) -> Vec<Self>;

    /// Whether people should be warned.
    fn severity(&self) -> Severity;

    /// Its form in the status.
    fn status(&self) -> ComponentStatus {
        ComponentStatus {
            state: self.reason().as_str().to_owned(),
            detail: self
                .detail()
                .filter(|detail| !detail.is_empty())
                .map(|detail| detail.as_str().to_owned()),
            exit_code: self.exit_code(),
            pod: None,
        }
    }

    /// Reads back its form in the status; `None` if no state has that form.
    fn from_status(status: &ComponentStatus) -> Option<Self> {
        let detail = Detail::new(status.detail.as_deref().unwrap_or_default());
        Self::all(&detail, status.exit_code.unwrap_or_default())
            .into_iter()
            .find(|state| state.reason().as_str() == status.state)
    }
}
