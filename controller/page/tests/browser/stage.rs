//! Models with something of everything: long names, long sentences, large numbers, nothing at all.

use std::time::Duration;

use hivewright_page::filter::Filter;
use hivewright_page::load::Load;
use hivewright_page::model::{
    Condition, Entry, Fact, Figures, Health, Overview, Row, Server, Session, Sessions, Site,
    Timeline, Tone, Value,
};

/// A time of the stage's day.
pub(crate) fn at(text: &str) -> jiff::Timestamp {
    format!("2026-11-{text}Z").parse().expect("it is a time")
}

/// How often the page looks for what is new.
pub(crate) const PERIOD: Duration = Duration::from_millis(250);

fn site(root: &'static str) -> Site {
    Site {
        now: at("23T14:03:22"),
        root,
        served_by: "hivewright-controller 0.1.0".to_owned(),
        period: PERIOD,
    }
}

fn entry(sequence: u64, time: &str, tone: Tone, reason: &str, text: &str) -> Entry {
    Entry {
        sequence,
        time: at(time),
        tone,
        reason: reason.to_owned(),
        text: text.to_owned(),
    }
}

const SAMPLE: &str = r#"hivewright_proxy_sessions 12
hivewright_proxy_pending_requests 3
C{error_type="",gen_ai_tool_name="query_vulnerability",mcp_method_name="tools/call",S 128340
B{error_type="",gen_ai_tool_name="query_vulnerability",mcp_method_name="tools/call",le="0.1"} 90000
B{error_type="",gen_ai_tool_name="query_vulnerability",mcp_method_name="tools/call",le="1"} 128000
B{error_type="",gen_ai_tool_name="query_vulnerability",mcp_method_name="tools/call",le="+Inf"} 128340
C{error_type="tool_error",gen_ai_tool_name="query_vulnerability",mcp_method_name="tools/call",S 401
C{error_type="timed_out",gen_ai_tool_name="query_vulnerability",mcp_method_name="tools/call",S 3
C{error_type="",gen_ai_tool_name="get_vulnerability",mcp_method_name="tools/call",S 812
B{error_type="",gen_ai_tool_name="get_vulnerability",mcp_method_name="tools/call",le="0.01"} 800
B{error_type="",gen_ai_tool_name="get_vulnerability",mcp_method_name="tools/call",le="+Inf"} 812
C{error_type="",gen_ai_tool_name="",mcp_method_name="initialize",S 240
C{error_type="",gen_ai_tool_name="",mcp_method_name="tools/list",S 239
"#;

/// What a proxy has counted.
pub(crate) fn load() -> Load {
    let text = SAMPLE
        .replace("C{", "mcp_server_operation_duration_seconds_count{")
        .replace("B{", "mcp_server_operation_duration_seconds_bucket{")
        .replace(",S ", "} ");
    Load::read(&text)
}

fn row(namespace: &str, name: &str, health: Health) -> Row {
    Row {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        health,
        sentence: "MCP clients are answered.".to_owned(),
        pods: Some("1/1".to_owned()),
        restarts: 0,
        figures: Figures::Known(load()),
        last: Some(entry(
            9,
            "23T13:20:00",
            Tone::Good,
            "Ready",
            "The server became ready.",
        )),
    }
}

/// The list with one of each health.
pub(crate) fn overview() -> Overview {
    let failed = Row {
        sentence: "The server's container ends again and again: exit code 1. Its last words: \
            \"GITHUB_PERSONAL_ACCESS_TOKEN is not set\". Name a Secret with that key in spec.secrets."
            .to_owned(),
        pods: Some("0/1".to_owned()),
        restarts: 17,
        figures: Figures::NoProxy,
        last: Some(entry(41, "23T14:03:01", Tone::Warning, "CrashLoop", "It ended again.")),
        ..row("payments", "github", Health::Failed)
    };
    let pending = Row {
        sentence: "The image is being pulled.".to_owned(),
        figures: Figures::Unanswered("The proxy did not answer within 2 s.".to_owned()),
        last: None,
        ..row(
            "a-namespace-with-quite-a-long-name",
            "a-server-whose-name-is-as-long-as-names-may-ever-be",
            Health::Pending,
        )
    };
    let stopped = row("team-search", "fetch", Health::Stopped);
    let rows = vec![
        failed,
        pending,
        row("payments", "osv", Health::Ready),
        row("team-search", "everything", Health::Ready),
        row("team-search", "leaving", Health::Terminating),
        Row {
            sentence: "The server is scaled to no pods, as the spec asks.".to_owned(),
            ..stopped
        },
    ];
    Overview {
        site: site("./"),
        filter: Filter {
            page: 1,
            ..Filter::default()
        },
        tally: vec![
            (Health::Failed, 1),
            (Health::Pending, 1),
            (Health::Ready, 2),
            (Health::Terminating, 1),
            (Health::Stopped, 1),
        ],
        namespaces: vec!["payments".to_owned(), "team-search".to_owned()],
        matching: rows.len(),
        rows,
        pages: 1,
        notes: Vec::new(),
    }
}

fn facts() -> Vec<Fact> {
    let url = "http://mcp-github-proxy.payments.svc.cluster.local:8080/mcp";
    let fact = |label, value| Fact { label, value };
    vec![
        fact("Address for clients", Value::Code(url.to_owned())),
        fact(
            "Image",
            Value::Code("ghcr.io/github/github-mcp-server:v0.24.1".to_owned()),
        ),
        fact("Transport", Value::Text("stdio".to_owned())),
        fact("Pods that answer", Value::Text("0 of 1".to_owned())),
        fact("Restarts", Value::Text("17".to_owned())),
        fact("Created", Value::Ago(at("20T08:00:00"))),
    ]
}

fn conditions() -> Vec<Condition> {
    let condition = |kind: &str, holds, reason: &str, message: &str| Condition {
        kind: kind.to_owned(),
        holds,
        reason: reason.to_owned(),
        message: message.to_owned(),
        since: at("23T12:00:00"),
    };
    vec![
        condition("Accepted", Some(true), "Accepted", "The spec is accepted."),
        condition(
            "PolicyEnforced",
            None,
            "NotProbed",
            "Nobody has looked yet.",
        ),
        condition(
            "BackendReady",
            Some(false),
            "CrashLoop",
            "The server's container ends again and again.",
        ),
        condition(
            "Ready",
            Some(false),
            "CrashLoop",
            "The server's container ends again and again.",
        ),
    ]
}

/// A timeline over two days.
pub(crate) fn timeline() -> Timeline {
    let entries = vec![
        entry(
            41,
            "23T14:03:01",
            Tone::Warning,
            "CrashLoop",
            "The server's container ended with exit code 1 and is started again in 40 s.",
        ),
        entry(
            40,
            "23T14:02:59",
            Tone::Plain,
            "Restarted",
            "The server's container was restarted for the 17th time: it ended with exit code 1.",
        ),
        entry(
            39,
            "23T12:00:00",
            Tone::Warning,
            "NotReady",
            "The server is no longer ready.",
        ),
        entry(
            38,
            "22T23:59:58",
            Tone::Good,
            "Ready",
            "The server became ready: MCP clients are answered.",
        ),
        entry(
            37,
            "22T23:59:50",
            Tone::Plain,
            "Applied",
            "The StatefulSet was written.",
        ),
    ];
    Timeline {
        entries,
        older: Some(37),
        newer: false,
        warnings: false,
        note: None,
    }
}

/// A server in trouble.
pub(crate) fn server() -> Server {
    Server {
        site: site("../../"),
        namespace: Some("payments".to_owned()),
        name: "github".to_owned(),
        health: Health::Failed,
        sentence: "The server's container ends again and again: exit code 1.".to_owned(),
        advice: Some(
            "It has not been ready for 2 hours, since its container began to end with exit code 1. Its \
             last words were \"GITHUB_PERSONAL_ACCESS_TOKEN is not set\". Name a Secret with that key in \
             spec.secrets."
                .to_owned(),
        ),
        facts: facts(),
        conditions: conditions(),
        figures: Figures::Known(load()),
        sessions: None,
        timeline: timeline(),
    }
}

/// A server that runs by itself on somebody's machine.
pub(crate) fn alone() -> Server {
    let session = Session {
        id: "k3jf92ma".to_owned(),
        how: "Streamable HTTP, 2025-11-25".to_owned(),
        age: Duration::from_secs(4000),
        idle: Duration::from_secs(3),
        running: 1,
    };
    Server {
        site: site("./"),
        namespace: None,
        name: "mcp-server-fetch".to_owned(),
        health: Health::Ready,
        sentence: "MCP clients are answered.".to_owned(),
        advice: None,
        conditions: Vec::new(),
        sessions: Some(Sessions {
            shown: vec![session],
            more: 2,
        }),
        ..server()
    }
}

/// A cluster without any server, of which something cannot be told.
pub(crate) fn empty() -> Overview {
    Overview {
        tally: Health::ALL.map(|health| (health, 0)).to_vec(),
        namespaces: Vec::new(),
        rows: Vec::new(),
        matching: 0,
        notes: vec!["Last events cannot be shown: the controller keeps no journal.".to_owned()],
        ..overview()
    }
}
