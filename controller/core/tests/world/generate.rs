//! Generated worlds: specs good and bad, objects present, edited or gone, pods in every state.

use std::sync::Arc;

use hivewright_api::{GateReason, names};
use hivewright_core::{Enforcement, Journal, Part, SecretFacts, Surroundings};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::pods::{self, Container};
use super::{World, api_server, spec};

/// Any world: whatever was there before, written by a controller that was interrupted anywhere,
/// edited by anybody.
pub fn world() -> impl Strategy<Value = World> {
    let history = (
        spec::server(),
        spec::server(),
        proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
    );
    (
        history,
        drift(),
        pods(),
        failures(),
        (select(ENFORCEMENTS), around(), around()),
        (any::<bool>(), select(Journal::all().collect::<Vec<_>>())),
    )
        .prop_map(
            |(
                (before, now, lost),
                drift,
                (server_pods, proxy_pod),
                failures,
                (enforcement, around_before, around),
                (leaving, journal),
            )| {
                let mut world = World::new(before);
                world.settings.enforcement = enforcement;
                world.around = around_before;
                let mut writes = world.plan();
                for index in lost {
                    if !writes.is_empty() {
                        writes.remove(index.index(writes.len()));
                    }
                }
                for write in writes {
                    let seeds_nothing = write.part() == Part::StatefulSet
                        && write.verb() == "seed"
                        && !world.objects.contains_key(&Part::StatefulSet);
                    if !seeds_nothing {
                        api_server::write(&mut world.objects, &write);
                    }
                }
                for edit in drift {
                    edit.make(&mut world);
                }
                world.server = now;
                world.server.metadata.generation = Some(2);
                world.server.metadata.deletion_timestamp =
                    leaving.then_some(Time(Timestamp::UNIX_EPOCH));
                (world.server_pods, world.proxy_pod, world.failures) =
                    (server_pods, proxy_pod, failures.into_iter().collect());
                (world.around, world.journal) = (around, journal);
                world
            },
        )
}

const ENFORCEMENTS: &[Enforcement] = &[
    Enforcement::Enforced,
    Enforcement::NotEnforced,
    Enforcement::Unknown,
];

/// Something that somebody else did to an object.
#[derive(Clone, Debug)]
pub enum Edit {
    Remove(Part),
    Label(Part, Option<&'static str>),
    Scale(i32),
    OpenEgress,
    OtherImage,
    ExtraVariable,
    Leftover,
}

fn drift() -> impl Strategy<Value = Vec<Edit>> {
    let part = || select(Part::ALL.to_vec());
    let edit = prop_oneof![
        part().prop_map(Edit::Remove),
        (part(), of(Just("edited"))).prop_map(|(part, value)| Edit::Label(part, value)),
        (0..3).prop_map(Edit::Scale),
        Just(Edit::OpenEgress),
        Just(Edit::OtherImage),
        Just(Edit::ExtraVariable),
        Just(Edit::Leftover),
    ];
    proptest::collection::vec(edit, 0..4)
}

impl Edit {
    fn make(self, world: &mut World) {
        let objects = &mut world.objects;
        match self {
            Self::Remove(part) => {
                objects.remove(&part);
            }
            Self::Label(part, value) => {
                if let Some(object) = objects.get_mut(&part) {
                    let labels = object["metadata"]["labels"].as_object_mut();
                    if let (Some(labels), Some(value)) = (labels, value) {
                        labels.insert(names::SERVER_LABEL.to_owned(), json!(value));
                    } else {
                        object["metadata"]["labels"] = json!({});
                    }
                }
            }
            Self::Scale(replicas) => api_server::scale(objects, replicas),
            Self::OpenEgress => {
                if let Some(policy) = objects.get_mut(&Part::ServerPolicy) {
                    policy["spec"]["egress"] = json!([{}]);
                }
            }
            Self::OtherImage => {
                if let Some(set) = objects.get_mut(&Part::StatefulSet) {
                    set["spec"]["template"]["spec"]["containers"][0]["image"] = json!("evil:1");
                }
            }
            Self::ExtraVariable => {
                if let Some(object) = objects.get_mut(&Part::Deployment) {
                    let container = &mut object["spec"]["template"]["spec"]["containers"][0];
                    container["env"] = json!([{"name": "X", "value": "theirs"}]);
                }
            }
            Self::Leftover => {
                let service = json!({"apiVersion": "v1", "kind": "Service",
                    "metadata": {"name": "mcp-any-headless", "uid": "old"}});
                objects.insert(Part::HeadlessService, service);
            }
        }
    }
}

fn pods() -> impl Strategy<Value = (Vec<Pod>, Option<Pod>)> {
    let servers =
        proptest::collection::vec((pod(names::MCP_CONTAINER), of("[a-z:. ]{0,20}")), 0..4);
    let servers = servers.prop_map(|pods| {
        let with = |(ordinal, (pod, denied)): (u32, (Pod, Option<String>))| {
            let pod = pods::named(&names::pod("any", ordinal), pod);
            match denied {
                Some(denied) => pods::denied(pod, &denied),
                None => pod,
            }
        };
        (0..).zip(pods).map(with).collect()
    });
    (servers, of(pod(names::PROXY_CONTAINER)))
}

/// What others own: Secrets that are there or not, with or without the keys that are needed; the
/// profiles, usually.
fn around() -> impl Strategy<Value = Surroundings> {
    let facts = of(proptest::collection::btree_set(
        select(vec!["k", "l"]),
        0..3,
    ));
    let facts = ("[0-9]{1,2}", facts).prop_map(|(version, keys)| SecretFacts {
        version,
        keys: keys.map(|keys| keys.into_iter().map(str::to_owned).collect()),
    });
    let name = select(vec!["s", "t"]).prop_map(str::to_owned);
    (
        of(proptest::collection::btree_map(name, facts, 0..3)),
        of("[a-z: ]{0,20}"),
        select(ENFORCEMENTS),
        proptest::option::weighted(0.8, Just(Arc::new(spec::profiles()))),
    )
        .prop_map(
            |(secrets, refused_pod, enforcement, profile)| Surroundings {
                secrets,
                profile,
                refused_pod,
                enforcement,
            },
        )
}

fn pod(name: &'static str) -> impl Strategy<Value = Pod> {
    let words = GateReason::ALL.map(GateReason::as_str).to_vec();
    let gate = of((any::<bool>(), select(words), "[a-z\n]{0,8}"));
    let container = prop_oneof![
        any::<bool>().prop_map(|ready| Container::Running { ready }),
        Just(Container::KilledAgain),
        (0..3, select(vec!["Error", "OOMKilled"]), "[a-z ]{0,9}").prop_map(
            |(code, reason, message)| Container::Again {
                code,
                reason: reason.to_owned(),
                message
            }
        ),
        (
            0..256,
            select(vec!["Error", "Completed", "OOMKilled"]),
            "[a-z\n ]{0,9}"
        )
            .prop_map(|(code, reason, message)| Container::Ended {
                code,
                reason: reason.to_owned(),
                message
            }),
        (
            select(vec![
                "ImagePullBackOff",
                "ContainerCreating",
                "CrashLoopBackOff",
                "CreateContainerError",
                "CreateContainerConfigError"
            ]),
            prop_oneof![
                "[a-z: ]{0,20}",
                Just("secret \"s\" not found".to_owned()),
                Just("couldn't find key k in Secret ns/s".to_owned()),
            ],
            of(0..256)
        )
            .prop_map(|(reason, message, last_exit)| Container::Waiting {
                reason: reason.to_owned(),
                message,
                last_exit
            }),
    ];
    let plain = (container, 0..5, gate).prop_map(move |(container, restarts, gate)| {
        let gate = gate
            .as_ref()
            .map(|(open, word, text)| (*open, *word, text.as_str()));
        pods::pod(name, &container, restarts, gate)
    });
    prop_oneof![
        6 => plain.clone(),
        1 => plain.clone().prop_map(pods::leaving),
        1 => plain.prop_map(|pod| pods::limited(pod, "64Mi")),
        1 => "[a-z ]{0,9}".prop_map(|message| pods::failed("Evicted", &message)),
        1 => "[a-z ]{0,9}".prop_map(|message| pods::unschedulable(&message)),
        1 => Just(pods::unsaid()),
    ]
}

fn failures() -> impl Strategy<Value = Vec<(Part, String)>> {
    proptest::collection::vec(
        (
            select(Part::ALL.to_vec()),
            "[a-z ]{1,9}".prop_map(String::from),
        ),
        0..2,
    )
}
