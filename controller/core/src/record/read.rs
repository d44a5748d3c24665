//! From the type and the data of an event back to the fact that they tell.

use hivewright_api::status::ComponentStatus;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::data::{
    BlockerV1, ComponentV1, DoorsV1, EndingV1, EndpointV1, GenerationV1, JournalV1, ObjectV1,
    PodsV1, RestartsV1, ServerV1, SnapshotV1, SpecV1, StandingV1, WhyV1,
};
use super::error::Error;
use super::fact::{Fact, Why};
use super::kind::Thing;
use crate::detail::Detail;
use crate::event::Event;
use crate::part::Part;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalReason};
use crate::state::{Blocker, Component, Ending, Endpoint, Journal, Presence, Replicas, Standing};

impl Fact {
    /// The fact that an event of this type with this data tells: what [`Fact::kind`] and
    /// [`Fact::data`] give.
    ///
    /// # Errors
    /// When this version knows no such type, or the data is not that of the type.
    pub fn read(kind: &str, data: &Value) -> Result<Self, Error> {
        let unknown = || Error::Type {
            kind: kind.to_owned(),
        };
        let thing = Thing::of(kind).ok_or_else(unknown)?;
        let fact = Source { kind, data }.fact(thing)?;
        if fact.kind() != kind {
            return Err(unknown());
        }
        Ok(fact)
    }
}

/// What is read, and how its faults are named.
struct Source<'a> {
    kind: &'a str,
    data: &'a Value,
}

impl Source<'_> {
    fn fact(&self, thing: Thing) -> Result<Fact, Error> {
        let event = match thing {
            Thing::Snapshot => return self.snapshot(),
            Thing::Deleted => return Ok(Fact::Deleted),
            Thing::Generation => Event::GenerationObserved(self.data::<GenerationV1>()?.generation),
            Thing::Spec => self.spec()?,
            Thing::Deletion => Event::Terminating(self.state() == "begun"),
            Thing::Object => self.object()?,
            Thing::Policy => Event::Policy(self.component()?),
            Thing::Egress => Event::Egress(self.component()?),
            Thing::Backend => Event::Backend(self.component()?),
            Thing::Proxy => Event::Proxy(self.component()?),
            Thing::Pods => {
                let PodsV1 { wanted, ready, .. } = self.data()?;
                Event::Replicas(Replicas { wanted, ready })
            }
            Thing::Restarts => self.restarts()?,
            Thing::Endpoint => endpoint(self.data::<EndpointV1>()?.endpoint),
            Thing::Journal => self.journal()?,
            Thing::Server => match self.data::<ServerV1>()?.blocker {
                None => Event::Ready,
                Some(blocker) => Event::NotReady(self.blocker(blocker)?),
            },
        };
        Ok(Fact::Event(event))
    }

    fn data<D: DeserializeOwned>(&self) -> Result<D, Error> {
        D::deserialize(self.data).map_err(|source| Error::Data {
            kind: self.kind.to_owned(),
            source,
        })
    }

    /// The word of the type before its version.
    fn state(&self) -> &str {
        self.kind.rsplit('.').nth(1).unwrap_or_default()
    }

    fn word(&self, word: &str) -> Error {
        Error::Word {
            kind: self.kind.to_owned(),
            word: word.to_owned(),
        }
    }

    fn spec(&self) -> Result<Event, Error> {
        let spec: SpecV1 = self.data()?;
        match (self.state(), spec.field, spec.sentence) {
            ("accepted", ..) => Ok(Event::Accepted),
            ("refused", Some(field), Some(sentence)) => {
                let reason = RefusalReason::parse(&spec.told.reason);
                let reason = reason.ok_or_else(|| self.word(&spec.told.reason))?;
                Ok(Event::Refused(Refusal::new(reason, field, sentence)))
            }
            _ => Ok(Event::Unjudged),
        }
    }

    fn object(&self) -> Result<Event, Error> {
        let object: ObjectV1 = self.data()?;
        let part = Part::parse(&object.part).ok_or_else(|| self.word(&object.part))?;
        let detail = Detail::new(object.detail.as_deref().unwrap_or_default());
        Ok(match self.state() {
            "gone" => Event::ObjectGone { part },
            "applied" => Event::Applied { part },
            "deleted" => Event::Deleted { part },
            state => Event::Object {
                part,
                presence: Presence::all(&detail)
                    .into_iter()
                    .find(|presence| super::kebab(presence.as_str()) == state)
                    .ok_or_else(|| self.word(state))?,
            },
        })
    }

    fn component<C: Component>(&self) -> Result<C, Error> {
        let data: ComponentV1 = self.data()?;
        let status = ComponentStatus {
            state: data.told.reason,
            detail: data.detail,
            exit_code: data.exit_code,
            pod: data.pod,
        };
        C::from_status(&status).ok_or_else(|| self.word(&status.state))
    }

    fn journal(&self) -> Result<Event, Error> {
        let JournalV1 { told } = self.data()?;
        let journal = Journal::of(&told.reason).ok_or_else(|| self.word(&told.reason))?;
        Ok(Event::Journal(journal))
    }

    fn restarts(&self) -> Result<Event, Error> {
        let RestartsV1 {
            count, more, cause, ..
        } = self.data()?;
        let cause = cause.map(|cause| self.ending(cause)).transpose()?;
        Ok(Event::Restarts { count, more, cause })
    }

    fn ending(&self, ending: EndingV1) -> Result<Ending, Error> {
        let status = ComponentStatus {
            state: ending.reason,
            detail: ending.detail,
            exit_code: Some(ending.exit_code),
            pod: None,
        };
        Ending::from_status(&status).ok_or_else(|| self.word(&status.state))
    }

    fn blocker(&self, blocker: BlockerV1) -> Result<Blocker, Error> {
        let reason = Reason::parse(&blocker.reason);
        Ok(Blocker {
            reason: reason.ok_or_else(|| self.word(&blocker.reason))?,
            standing: match blocker.standing {
                StandingV1::Good => Standing::Good,
                StandingV1::Waiting => Standing::Waiting,
                StandingV1::Stopped => Standing::Stopped,
                StandingV1::Failed => Standing::Failed,
            },
            sentence: blocker.sentence,
        })
    }

    fn snapshot(&self) -> Result<Fact, Error> {
        let SnapshotV1 { why, status, .. } = self.data()?;
        let why = match why {
            WhyV1::Begun => Why::Begun,
            WhyV1::Healed => Why::Healed,
            WhyV1::Retention => Why::Retention,
        };
        Ok(Fact::snapshot(why, status))
    }
}

fn endpoint(doors: Option<DoorsV1>) -> Event {
    let Some(doors) = doors else {
        return Event::EndpointWithdrawn;
    };
    Event::EndpointPublished(Endpoint {
        url: doors.url,
        streamable_http: doors.streamable_http,
        sse: doors.sse,
    })
}
