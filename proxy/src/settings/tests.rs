use std::io::Write;

use clap::Parser;
use hivewright_api::proxy_config::EgressRules;
use serde_json::{Value, json};

use super::*;
use crate::args::Args;

fn config() -> Value {
    json!({
        "server": "fetch",
        "namespace": "tools",
        "port": 8080,
        "backend": { "statefulSet": "fetch", "container": "mcp", "transport": { "kind": "stdio" } },
        "allowedHosts": [],
    })
}

fn live() -> LiveConfig {
    LiveConfig {
        replicas: 1,
        keep_scale: false,
        warm: None,
        egress: EgressRules::default(),
    }
}

fn serve(config: &Value) -> Result<Settings, SettingsError> {
    let args = Args::parse_from(["hivewright-proxy", "serve"]);
    let Command::Serve(args) = args.command else {
        panic!("serve was asked for")
    };
    Settings::serve(
        &args,
        &serde_json::from_value(config.clone()).expect("a configuration"),
        live(),
    )
}

fn run(options: &[&str]) -> Result<Settings, SettingsError> {
    let words = ["hivewright-proxy", "run"].iter().chain(options);
    Settings::new(&Args::parse_from(words).command)
}

fn problems(result: Result<Settings, SettingsError>) -> Vec<Problem> {
    match result {
        Err(SettingsError::Problems(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_configuration_of_the_controller_is_taken_as_it_is() {
    let settings = serve(&config()).unwrap();
    assert_eq!(settings.doors.to_string(), "0.0.0.0:8080");
    assert_eq!(settings.admin.map(|at| at.port()), Some(9464));
    assert_eq!(settings.egress, None);
    assert_eq!(settings.canary.map(|at| at.port()), Some(9467));
    let expected = PodsSettings {
        namespace: "tools".into(),
        stateful_set: "fetch".into(),
        container: "mcp".into(),
        transport: BackendTransport::Stdio {},
        isolation: Isolation::Shared,
        config_map: "fetch-proxy".into(),
        live: live(),
    };
    assert_eq!(settings.backend, Backend::Pods(Box::new(expected)));
}

#[test]
fn a_server_over_http_is_checked_too() {
    let mut config = config();
    let transport = |service: &str, port: u16, path: &str| json!({ "kind": "sse", "service": service, "port": port, "path": path });
    config["backend"]["transport"] = transport("mcp-osv-headless", 8080, "/sse");
    assert!(serve(&config).is_ok());
    config["backend"]["transport"] = transport("mcp_osv", 0, "sse");
    let name = Problem::Name {
        field: "backend.transport.service",
        value: "mcp_osv".to_owned(),
    };
    assert_eq!(
        problems(serve(&config)),
        [
            name,
            Problem::PortZero("backend.transport.port"),
            Problem::Path("sse".to_owned())
        ]
    );
}

#[test]
fn the_ports_of_gateway_and_canary_are_for_nobody_else() {
    let mut config = config();
    config["port"] = json!(9466);
    assert!(serve(&config).is_ok(), "there is no gateway");
    config["egress"] = json!(true);
    assert_eq!(problems(serve(&config)), [Problem::PortTaken(9466)]);
    config["port"] = json!(8080);
    let settings = serve(&config).unwrap();
    assert_eq!(settings.egress.map(|at| at.port()), Some(9466));
}

#[test]
fn a_list_of_hosts_that_is_the_whole_list_leaves_out_the_service() {
    let mut config = config();
    config["allowedHosts"] = json!(["mcp.example.com"]);
    let host = |name: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::HOST, name.parse().expect("a header value"));
        headers
    };
    let uri = http::Uri::from_static("/mcp");
    for (only, service) in [(false, true), (true, false)] {
        config["onlyAllowedHosts"] = json!(only);
        let guard = serve(&config).unwrap().guard;
        assert!(guard.check(&uri, &host("mcp.example.com")).is_ok());
        let let_in = guard
            .check(&uri, &host("mcp-fetch-proxy.tools.svc"))
            .is_ok();
        assert_eq!(let_in, service, "onlyAllowedHosts: {only}");
    }
}

#[test]
fn a_live_configuration_beside_the_other_is_read_and_a_bad_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("proxy.json");
    std::fs::write(&file, config().to_string()).unwrap();
    let path = file.to_str().unwrap();
    let read = || {
        let words = ["hivewright-proxy", "serve", "--config", path];
        Settings::new(&Args::parse_from(words).command)
    };
    assert!(matches!(read(), Err(SettingsError::Unreadable(..))));
    let live = folder.path().join("live.json");
    std::fs::write(&live, r#"{"replicas":99,"keepScale":true}"#).unwrap();
    assert!(matches!(read(), Err(SettingsError::Live(..))));
    std::fs::write(&live, r#"{"replicas":3,"keepScale":true}"#).unwrap();
    match read().unwrap().backend {
        Backend::Pods(pods) => assert_eq!(pods.live.replicas, 3),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once() {
    let mut config = config();
    config["port"] = json!(9464);
    config["namespace"] = json!("Tools");
    config["backend"]["container"] = json!("");
    config["allowedHosts"] = json!(["http://x"]);
    config["allowedOrigins"] = json!(["https://app.example/path"]);
    let problems = problems(serve(&config));
    assert_eq!(
        problems,
        [
            Problem::Name {
                field: "namespace",
                value: "Tools".to_owned()
            },
            Problem::Name {
                field: "backend.container",
                value: String::new()
            },
            Problem::SamePort(9464),
            Problem::Host("http://x".to_owned()),
            Problem::Origin("https://app.example/path".to_owned()),
        ]
    );
    let text = SettingsError::Problems(problems).to_string();
    assert_eq!(text.lines().count(), 6, "{text}");
}

#[test]
fn a_file_that_is_missing_or_no_configuration_is_named() {
    let missing = read(Path::new("/nowhere/proxy.json")).unwrap_err();
    assert!(matches!(missing, SettingsError::Unreadable(..)));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, r#"{{"server":"fetch","surprise":1}}"#).unwrap();
    let invalid = read(file.path()).unwrap_err();
    assert!(matches!(invalid, SettingsError::Invalid(..)));
    assert!(invalid.to_string().contains(file.path().to_str().unwrap()));
}

#[test]
fn a_local_command_listens_on_loopback_without_an_admin_port() {
    let settings = run(&["--", "cat", "-u"]).unwrap();
    assert_eq!(settings.doors.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.admin, None);
    let command = process::Command {
        program: "cat".to_owned(),
        args: vec!["-u".to_owned()],
    };
    assert_eq!(settings.backend, Backend::Process(command));
}

#[test]
fn port_0_is_for_the_system_to_choose_with_run_only() {
    assert_eq!(run(&["--port", "0", "--", "cat"]).unwrap().doors.port(), 0);
    let mut config = config();
    config["port"] = json!(0);
    assert_eq!(problems(serve(&config)), [Problem::PortZero("port")]);
}

#[test]
fn an_empty_command_is_told_with_the_other_problems() {
    let told = problems(run(&["--allowed-host", "a b", "--", ""]));
    assert_eq!(told, [Problem::Host("a b".to_owned()), Problem::NoCommand]);
}

#[test]
fn origins_are_scheme_host_and_port_only() {
    let fine = [
        "https://app.example",
        "http://[::1]:3000",
        "app://x",
        "http://localhost:1",
    ];
    assert_eq!(check::origins(&fine.map(str::to_owned)), []);
    for wrong in [
        "app.example",
        "https://",
        "https://a/b",
        "https://a:x",
        "https://a:70000",
        "://a",
    ] {
        assert_eq!(check::origins(&[wrong.to_owned()]).len(), 1, "{wrong}");
    }
}

#[test]
fn the_url_can_be_pasted_on_this_machine() {
    for (at, expected) in [
        ("127.0.0.1:80", "http://127.0.0.1:80/mcp"),
        ("0.0.0.0:8080", "http://localhost:8080/mcp"),
        ("[::1]:8080", "http://[::1]:8080/mcp"),
    ] {
        assert_eq!(url(at.parse().unwrap()), expected);
    }
}

#[test]
fn pods_of_isolated_sessions_are_a_pool_within_the_live_bounds() {
    let mut config = config();
    config["isolation"] = json!("perSession");
    let shape = |live: LiveConfig| {
        let args = Args::parse_from(["hivewright-proxy", "serve"]);
        let Command::Serve(args) = args.command else {
            panic!("serve was asked for")
        };
        let config = serde_json::from_value(config.clone()).unwrap();
        Settings::serve(&args, &config, live)
            .unwrap()
            .backend
            .shape()
    };
    let bounded = LiveConfig {
        replicas: 6,
        warm: Some(2),
        ..live()
    };
    let bounds = Bounds { max: 6, warm: 2 };
    assert_eq!(shape(bounded.clone()), Shape::Pool(Some(bounds)));
    let stopped = LiveConfig {
        replicas: 0,
        ..bounded
    };
    assert_eq!(shape(stopped), Shape::Pool(None));
}

#[test]
fn bounds_of_a_pool_that_there_is_not_or_that_cannot_be_are_told() {
    let told = |line: &str| {
        let words = format!("x run {line} -- cmd");
        let args = Args::parse_from(words.split_whitespace());
        Settings::new(&args.command).map_or_else(|error| error.to_string(), |_| "fine".to_owned())
    };
    assert_eq!(told("--isolation per-session --pool-max 1"), "fine");
    assert_eq!(
        told("--pool-max 2 --pool-warm 1"),
        "the settings cannot be used:\n  - --pool-max is for --isolation per-session; give that too, or leave it out\n  - --pool-warm is for --isolation per-session; give that too, or leave it out"
    );
    assert_eq!(
        told("--isolation per-session --pool-max 2 --pool-warm 3"),
        "the settings cannot be used:\n  - --pool-warm is 3 and --pool-max 2; keep no more spare than there may be"
    );
}
