//! What `kubectl describe` tells below a server: each story as the table of its Kubernetes Events,
//! repetitions counted as the API counts them (a series per type, reason and object).

mod world;

use std::fmt::Write as _;

use hivewright_core::{Enforcement, Event, Part, SecretFacts, kube_event};
use k8s_openapi::api::core::v1::Pod;
use world::pods::{self, Container};
use world::{World, fetch, stored};

/// A server over SSE with a Secret.
const OSV: &str = "
apiVersion: toolhive.stacklok.dev/v1alpha1
kind: MCPServer
metadata: {name: osv, namespace: tools}
spec:
  image: example.com/osv:1
  transport: sse
  secrets: [{name: osv-key, key: key}]
";

/// Most events of a start that goes well: more would be noise.
const MAX_EVENTS: usize = 6;

const RUNS: Container = Container::Running { ready: true };

/// One line below `kubectl describe`.
struct Line {
    about: String,
    note: String,
    times: usize,
}

/// A world, and what was told of it so far.
struct Story {
    world: World,
    lines: Vec<Line>,
}

impl Story {
    fn of(server: hivewright_api::MCPServer) -> Self {
        let mut world = World::new(server);
        let facts = SecretFacts {
            version: "1".to_owned(),
            keys: Some(["key".to_owned()].into()),
        };
        world.around.secrets = Some([("osv-key".to_owned(), facts)].into());
        Self {
            world,
            lines: Vec::new(),
        }
    }

    /// Passes until nothing is told any more.
    fn settle(&mut self) {
        loop {
            let told = self.world.pass();
            if told.is_empty() {
                return;
            }
            for event in told {
                self.tell(&event);
            }
        }
    }

    fn tell(&mut self, event: &Event) {
        let Some(shown) = kube_event::fold(event) else {
            return;
        };
        let part = match event {
            Event::Object { part, .. } | Event::Applied { part } | Event::Deleted { part } => {
                part.as_str()
            }
            _ => "",
        };
        let about = format!(
            "{:<8}{:<17}{part}",
            shown.severity.as_str(),
            shown.reason.as_str()
        );
        match self.lines.iter_mut().find(|line| line.about == about) {
            Some(line) => line.times += 1,
            None => self.lines.push(Line {
                about,
                note: shown.note,
                times: 1,
            }),
        }
    }

    /// The server's pod is now so.
    fn pod(&mut self, pod: Pod) {
        let name = self.world.server.metadata.name.as_deref();
        let name = hivewright_api::names::pod(name.unwrap_or_default(), 0);
        self.world.server_pods = vec![pods::named(&name, pod)];
        self.settle();
    }

    fn runs(&mut self, restarts: i32, gate: Option<(bool, &str, &str)>) {
        self.pod(pods::pod("mcp", &RUNS, restarts, gate));
    }

    fn answers(&mut self, restarts: i32) {
        self.runs(restarts, Some((true, "Initialized", "")));
    }

    fn waits(&mut self, restarts: i32, reason: &str, message: &str, last_exit: Option<i32>) {
        let waiting = Container::Waiting {
            reason: reason.to_owned(),
            message: message.to_owned(),
            last_exit,
        };
        self.pod(pods::pod("mcp", &waiting, restarts, None));
    }

    fn ends(&mut self, restarts: i32, code: i32) {
        let ended = Container::Ended {
            code,
            reason: "Error".to_owned(),
            message: "boom".to_owned(),
        };
        self.pod(pods::pod("mcp", &ended, restarts, None));
    }

    /// Objects, then a proxy that calls for the pod, then a pod of which nothing is said yet; the
    /// cluster is found to act on NetworkPolicies meanwhile.
    fn begin(&mut self) {
        self.settle();
        self.world.proxy_pod = Some(pods::pod(
            "proxy",
            &Container::Running { ready: false },
            0,
            None,
        ));
        self.settle();
        self.world.proxy_pod = Some(pods::pod("proxy", &RUNS, 0, None));
        self.world.around.enforcement = Enforcement::Enforced;
        world::api_server::scale(&mut self.world.objects, 1);
        self.settle();
        self.pod(pods::unsaid());
    }

    fn start(&mut self) {
        self.begin();
        self.waits(0, "ContainerCreating", "", None);
        self.runs(0, None);
        self.runs(0, Some((false, "Handshaking", "")));
        self.answers(0);
    }

    fn table(&self) -> String {
        self.lines.iter().fold(String::new(), |mut table, line| {
            let times = match line.times {
                1 => String::new(),
                times => format!(" (x{times})"),
            };
            let about = format!("{}{times}", line.about.trim_end());
            let _ = writeln!(table, "{about:<43} {}", line.note);
            table
        })
    }
}

#[test]
fn a_start_that_goes_well() {
    let mut story = Story::of(stored(OSV));
    story.start();
    insta::assert_snapshot!(story.table());
    assert!(story.lines.len() <= MAX_EVENTS);
    assert!(story.lines.iter().all(|line| line.times == 1));
}

#[test]
fn an_image_that_is_not_there_and_then_is() {
    let mut story = Story::of(fetch());
    story.begin();
    for _ in 0..3 {
        story.waits(0, "ErrImagePull", "not found", None);
        let again = "Back-off pulling image \"x\": ErrImagePull: not found";
        story.waits(0, "ImagePullBackOff", again, None);
    }
    story.waits(0, "ContainerCreating", "", None);
    story.runs(0, None);
    story.answers(0);
    insta::assert_snapshot!(story.table());
}

#[test]
fn a_server_that_crashes_again_and_again_and_is_mended() {
    let mut story = Story::of(fetch());
    story.begin();
    story.ends(0, 3);
    for restarts in 1..4 {
        story.runs(restarts, None);
        story.ends(restarts, 3);
        story.waits(restarts, "CrashLoopBackOff", "back-off", Some(3));
    }
    story.world.server.spec.args = Some(vec!["mended".to_owned()]);
    story.world.server.metadata.generation = Some(2);
    story.settle();
    story.pod(pods::leaving(pods::unsaid()));
    story.runs(0, None);
    story.answers(0);
    insta::assert_snapshot!(story.table());
}

#[test]
fn a_server_that_runs_dies_and_heals() {
    let mut story = Story::of(fetch());
    story.start();
    story.lines.clear();
    story.ends(0, 137);
    story.runs(1, Some((false, "ProcessExited", "")));
    story.answers(1);
    insta::assert_snapshot!(story.table());
}

#[test]
fn a_secret_that_is_missing_and_appears() {
    let mut story = Story::of(stored(OSV));
    let secrets = story.world.around.secrets.replace([].into());
    story.begin();
    let words = "secret \"osv-key\" not found";
    story.waits(0, "CreateContainerConfigError", words, None);
    story.world.around.secrets = secrets;
    story.settle();
    story.runs(0, None);
    story.answers(0);
    insta::assert_snapshot!(story.table());
}

#[test]
fn a_server_that_reaches_for_what_its_profile_denies() {
    let mut story = Story::of(fetch());
    story.start();
    story.lines.clear();
    for denials in 1..4 {
        let message = format!(
            "The server may not reach evil.example:443 (host_denied); {denials} denied so far."
        );
        let answering = pods::pod("mcp", &RUNS, 0, Some((true, "Initialized", "")));
        story.pod(pods::denied(answering, &message));
    }
    insta::assert_snapshot!(story.table());
    let status = story.world.status();
    assert_eq!(status.phase.as_deref(), Some("Ready"));
    assert_eq!(status.last_failure, None, "a profile at work is no failure");
    let egress = status.egress.unwrap();
    assert_eq!(egress.state, "EgressDenied");
    assert!(egress.detail.unwrap().contains("evil.example:443"));
}

#[test]
fn objects_edited_and_deleted_by_others_come_back() {
    let mut story = Story::of(fetch());
    story.start();
    story.lines.clear();
    story.world.objects.get_mut(&Part::ServerPolicy).unwrap()["spec"]["egress"] =
        serde_json::json!([{}]);
    story.world.objects.remove(&Part::Role);
    story.settle();
    insta::assert_snapshot!(story.table());
}

#[test]
fn a_server_that_is_stopped_and_deleted() {
    let mut story = Story::of(fetch());
    story.start();
    story.lines.clear();
    story.world.server.spec.replicas = Some(0);
    story.world.server.metadata.generation = Some(2);
    story.settle();
    story.world.server_pods.clear();
    story.world.proxy_pod = None;
    story.settle();
    let now = k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(story.world.now);
    story.world.server.metadata.deletion_timestamp = Some(now);
    story.settle();
    insta::assert_snapshot!(story.table());
}
