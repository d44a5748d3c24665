//! Why a server is as it is, over stories of whole worlds: the paragraph that people read.

mod world;

use std::fmt::Write as _;

use hivewright_api::MCPServerStatus;
use hivewright_core::record::{Fact, Why as SnapshotWhy};
use hivewright_core::why::{Entry, Known, Verdict, Why, why};
use hivewright_core::{Enforcement, Part, SecretFacts};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Pod;
use world::pods::{self, Container};
use world::{World, fetch};

const RUNS: Container = Container::Running { ready: true };
/// Time between two things that happen, seconds.
const STEP: i64 = 5;

/// A world and its journal.
struct Told {
    world: World,
    journal: Vec<Entry>,
}

impl Told {
    fn new() -> Self {
        let mut world = World::new(fetch());
        world.server.metadata.namespace = Some("team".to_owned());
        world.now = "2026-11-23T12:00:00Z".parse().expect("a time");
        Self {
            world,
            journal: Vec::new(),
        }
    }

    /// Time goes on, then passes until nothing is told any more.
    fn settle(&mut self) {
        self.world.now += SignedDuration::from_secs(STEP);
        loop {
            let told = self.world.pass();
            if told.is_empty() {
                return;
            }
            for event in told {
                let sequence = self.journal.len() as u64 + 1;
                let (at, fact) = (self.world.now, Fact::Event(event));
                self.journal.push(Entry { sequence, at, fact });
            }
        }
    }

    fn pod(&mut self, pod: Pod) {
        self.world.server_pods = vec![pods::named("fetch-0", pod)];
        self.settle();
    }

    fn answers(&mut self) {
        let gate = Some((true, "Initialized", ""));
        self.pod(pods::pod("mcp", &RUNS, 0, gate));
    }

    fn waits(&mut self, restarts: i32, reason: &str, message: &str, last_exit: Option<i32>) {
        let waiting = Container::Waiting {
            reason: reason.to_owned(),
            message: message.to_owned(),
            last_exit,
        };
        self.pod(pods::pod("mcp", &waiting, restarts, None));
    }

    fn start(mut self) -> Self {
        self.settle();
        self.world.proxy_pod = Some(pods::pod("proxy", &RUNS, 0, None));
        self.world.around.enforcement = Enforcement::Enforced;
        world::api_server::scale(&mut self.world.objects, 1);
        self.settle();
        self.pod(pods::unsaid());
        self
    }

    fn crash(&mut self) {
        for restarts in 1..4 {
            let ended = Container::Ended {
                code: 3,
                reason: "Error".to_owned(),
                message: "boom".to_owned(),
            };
            self.pod(pods::pod("mcp", &ended, restarts, None));
            self.waits(restarts, "CrashLoopBackOff", "back-off", Some(3));
        }
    }

    fn status(&self) -> MCPServerStatus {
        self.world.status()
    }

    fn why(&self) -> Why {
        self.ask(Some(&self.status()), &self.journal)
    }

    fn ask(&self, status: Option<&MCPServerStatus>, journal: &[Entry]) -> Why {
        let known = Known {
            namespace: "team",
            name: "fetch",
            status,
            journal,
        };
        why(known, self.world.now + SignedDuration::from_secs(130))
    }
}

#[test]
fn a_ready_server_says_since_when() {
    let mut told = Told::new().start();
    told.answers();
    let why = told.why();
    assert_eq!(why.verdict, Verdict::Ready);
    insta::assert_snapshot!(why.paragraph);
}

#[test]
fn an_image_that_is_not_there_names_its_first_event_and_the_field() {
    let mut told = Told::new().start();
    told.waits(0, "ErrImagePull", "not found", None);
    told.waits(0, "ImagePullBackOff", "Back-off: not found", None);
    let why = told.why();
    assert_eq!(
        (why.verdict, why.reason.as_str()),
        (Verdict::Failed, "ImagePullFailed")
    );
    insta::assert_snapshot!(why.paragraph);
}

#[test]
fn a_crash_loop_after_a_good_time_says_how_long_that_was() {
    let mut told = Told::new().start();
    told.answers();
    told.world.now += SignedDuration::from_hours(2);
    told.crash();
    let why = told.why();
    assert_eq!(why.reason, "CrashLoopBackOff");
    insta::assert_snapshot!(why.paragraph);
}

#[test]
fn without_a_journal_the_status_alone_says_what_is_wrong() {
    let mut told = Told::new().start();
    told.crash();
    let why = told.ask(Some(&told.status()), &[]);
    assert!(why.since.is_some() && why.event.is_none());
    insta::assert_snapshot!(why.paragraph);
}

#[test]
fn a_journal_that_was_lost_says_that_it_began_before() {
    let mut told = Told::new().start();
    told.crash();
    let begun = Entry {
        sequence: 1,
        at: told.world.now,
        fact: Fact::snapshot(SnapshotWhy::Begun, told.status()),
    };
    let why = told.ask(Some(&told.status()), &[begun]);
    insta::assert_snapshot!(why.paragraph);
}

#[test]
fn a_refused_spec_names_the_field() {
    let mut told = Told::new();
    told.world.server.spec.transport = "pigeon".to_owned();
    told.settle();
    insta::assert_snapshot!(told.why().paragraph);
}

#[test]
fn a_refused_write_is_named() {
    let mut told = Told::new();
    told.settle();
    let cause = "admission webhook denied the request".to_owned();
    told.world.objects.remove(&Part::Role);
    told.world.failures.insert(Part::Role, cause);
    told.settle();
    assert!(
        told.why().paragraph.contains("What to do"),
        "{}",
        told.why().paragraph
    );
}

#[test]
fn a_missing_secret_is_to_be_made() {
    let mut told = Told::new();
    told.world.server = world::stored(
        "
apiVersion: toolhive.stacklok.dev/v1alpha1
kind: MCPServer
metadata: {name: fetch, namespace: team}
spec: {image: example.com/osv:1, transport: sse, secrets: [{name: osv-key, key: key}]}
",
    );
    told.world.around.secrets = Some([].into());
    let mut told = told.start();
    told.waits(0, "CreateContainerConfigError", "secret not found", None);
    insta::assert_snapshot!(told.why().paragraph);
    let version = SecretFacts {
        version: "1".to_owned(),
        keys: Some(["key".to_owned()].into()),
    };
    told.world.around.secrets = Some([("osv-key".to_owned(), version)].into());
    told.answers();
    insta::assert_snapshot!(told.why().paragraph);
}

#[test]
fn a_server_that_is_gone_says_when() {
    let mut told = Told::new().start();
    told.answers();
    told.world.now += SignedDuration::from_secs(STEP);
    let sequence = told.journal.len() as u64 + 1;
    let (at, fact) = (told.world.now, Fact::Deleted);
    told.journal.push(Entry { sequence, at, fact });
    let why = told.ask(None, &told.journal);
    assert_eq!(why.verdict, Verdict::Gone);
    insta::assert_snapshot!(why.paragraph);
    let never = told.ask(None, &[]);
    insta::assert_snapshot!(never.paragraph);
}

#[test]
fn every_paragraph_says_what_to_do_or_that_there_is_nothing() {
    let mut all = String::new();
    let mut told = Told::new();
    let steps: [&dyn Fn(&mut Told); 4] = [
        &|told| told.settle(),
        &|told| told.pod(pods::unschedulable("0/1 nodes are available")),
        &|told| {
            told.pod(pods::pod(
                "mcp",
                &RUNS,
                0,
                Some((false, "HandshakeTimeout", "")),
            ));
        },
        &|told| told.answers(),
    ];
    for step in steps {
        step(&mut told);
        let why = told.why();
        let _ = writeln!(all, "{}", why.paragraph);
        let said = why.paragraph.contains("What to do: ") || why.action.is_none();
        assert!(said, "{}", why.paragraph);
        assert!(!why.paragraph.contains(".."), "{}", why.paragraph);
    }
    assert_eq!(all.lines().count(), 4);
}

#[test]
fn a_time_is_a_time_of_the_journal() {
    let mut told = Told::new().start();
    told.answers();
    let since: Timestamp = told.why().since.unwrap().parse().unwrap();
    assert!(told.journal.iter().any(|entry| entry.at == since));
}
