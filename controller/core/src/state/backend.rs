//! The server's pods together: the story of the one that is worst off.

use hivewright_api::status::ComponentStatus;

use super::{Component, Standing, Story};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// The story of the server's pod; of several, of the one that is worst off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backend {
    /// What is true of that pod.
    pub story: Story,
    /// Its name, if there are several and not all is well.
    pub pod: Option<String>,
}

impl From<Story> for Backend {
    fn from(story: Story) -> Self {
        Self { story, pod: None }
    }
}

/// As its story says, with the name of the pod.
impl Component for Backend {
    fn reason(&self) -> Reason {
        self.story.reason()
    }

    fn standing(&self) -> Standing {
        self.story.standing()
    }

    fn severity(&self) -> Severity {
        self.story.severity()
    }

    fn detail(&self) -> Option<&Detail> {
        self.story.detail()
    }

    fn exit_code(&self) -> Option<i32> {
        self.story.exit_code()
    }

    fn all(detail: &Detail, code: i32) -> Vec<Self> {
        Story::all(detail, code)
            .into_iter()
            .map(Self::from)
            .collect()
    }

    fn sentence(&self) -> String {
        let sentence = self.story.sentence();
        match &self.pod {
            None => sentence,
            Some(pod) => format!("Pod {pod}: {sentence}"),
        }
    }

    fn status(&self) -> ComponentStatus {
        ComponentStatus {
            pod: self.pod.clone(),
            ..self.story.status()
        }
    }

    fn from_status(status: &ComponentStatus) -> Option<Self> {
        Some(Self {
            story: Story::from_status(status)?,
            pod: status.pod.clone(),
        })
    }
}
