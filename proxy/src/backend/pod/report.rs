//! What the readiness gate says in each state, in sentences.

use hivewright_api::gate::GateReason;
use hivewright_bridge::io::Loss;

use super::{
    facts::{Exit, ProcessId},
    gate::GateReport,
};
use crate::driver::ServerInfo;

/// The proxy is about to speak to the process.
pub(super) fn pending(process: &ProcessId) -> GateReport {
    let message = "The process runs but has not answered initialize yet.";
    GateReport::new(process.pod.clone(), GateReason::Handshaking, message)
}

/// The server has answered.
pub(super) fn initialized(process: &ProcessId, server: &ServerInfo) -> GateReport {
    let revision = server
        .revision
        .map_or("an unknown one", |revision| revision.as_str());
    let message = format!(
        "{} {} answered initialize with protocol revision {revision}.",
        server.name, server.version
    );
    GateReport::new(process.pod.clone(), GateReason::Initialized, &message)
}

/// The proxy leaves and could not replace the process.
pub(super) fn draining(process: &ProcessId) -> GateReport {
    let message = "The proxy is shutting down; the next one starts a fresh process.";
    GateReport::new(process.pod.clone(), GateReason::Draining, message)
}

/// The proxy leaves; the process runs on.
pub(super) fn draining_over_http(process: &ProcessId) -> GateReport {
    let message = "The proxy is shutting down; the next one connects to the server again.";
    GateReport::new(process.pod.clone(), GateReason::Draining, message)
}

/// The server listens, but the driver has no use for it.
pub(super) fn unusable_over_http(process: &ProcessId, loss: Loss) -> GateReport {
    let report = |reason, message| GateReport::new(process.pod.clone(), reason, message);
    match loss {
        Loss::NotMcp => report(
            GateReason::NotMcp,
            "What answered initialize was not an MCP server; check that spec.mcpPort is the port of one.",
        ),
        Loss::NotReading => report(
            GateReason::NotReading,
            "The server does not take what is sent to it; it is connected to again.",
        ),
        Loss::NotAnswering => report(
            GateReason::NotReading,
            "The server does not answer a ping; it is connected to again.",
        ),
        Loss::HandshakeTimeout
        | Loss::ProcessExited
        | Loss::AttachLost
        | Loss::ConnectionLost
        | Loss::ScaledDown
        | Loss::Renewed
        | Loss::Draining => lost(process, loss, false, None),
    }
}

/// The process is lost. `served`: it had answered `initialize`.
pub(super) fn lost(
    process: &ProcessId,
    loss: Loss,
    served: bool,
    exit: Option<&Exit>,
) -> GateReport {
    let (reason, message) = match loss {
        Loss::ProcessExited => (GateReason::ProcessExited, exited(served, exit)),
        Loss::AttachLost => (
            GateReason::AttachLost,
            "The attach connection broke and what was said meanwhile could not be recovered; the pod is replaced."
                .to_owned(),
        ),
        Loss::NotReading => (
            GateReason::NotReading,
            "The server stopped reading its stdin; the pod is replaced.".to_owned(),
        ),
        Loss::NotAnswering => (
            GateReason::NotReading,
            "The server does not answer a ping; the pod is replaced.".to_owned(),
        ),
        Loss::HandshakeTimeout => (
            GateReason::HandshakeTimeout,
            "The server did not answer initialize in time; check its args and env, and its log for what it waits for."
                .to_owned(),
        ),
        Loss::NotMcp => (
            GateReason::NotMcp,
            "What answered initialize was not an MCP server; check that the image and args start one that speaks MCP on stdio."
                .to_owned(),
        ),
        Loss::ConnectionLost => (
            GateReason::ConnectionLost,
            "The HTTP connection to the server broke; it is connected to again.".to_owned(),
        ),
        Loss::ScaledDown => (
            GateReason::Draining,
            "Fewer pods are wanted; this one is about to go.".to_owned(),
        ),
        Loss::Renewed => (
            GateReason::Draining,
            "The session that had this pod to itself has ended; a fresh pod takes its place."
                .to_owned(),
        ),
        Loss::Draining => (GateReason::Draining, "The proxy is shutting down.".to_owned()),
    };
    GateReport::new(process.pod.clone(), reason, &message)
}

fn exited(served: bool, exit: Option<&Exit>) -> String {
    let how = exit.map_or_else(String::new, |exit| format!(" ({exit})"));
    if served {
        format!("The server process ended{how}; a fresh one is started.")
    } else {
        format!(
            "The server process ended{how} before it answered initialize; its log says why, check image, args and env."
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::pod::gate::MAX_MESSAGE;

    fn process() -> ProcessId {
        ProcessId {
            pod: Arc::from("u1"),
            container: Arc::from("c://1"),
        }
    }

    #[test]
    fn every_loss_is_told_in_one_whole_sentence() {
        for loss in Loss::ALL {
            for served in [false, true] {
                let report = lost(&process(), loss, served, None);
                assert!(report.message.ends_with('.'), "{report:?}");
                assert!(report.message.len() < MAX_MESSAGE, "{report:?}");
                assert_ne!(report.reason, GateReason::Initialized);
            }
        }
    }

    #[test]
    fn a_server_over_http_is_never_told_of_a_pod_that_is_replaced() {
        for loss in [
            Loss::NotMcp,
            Loss::NotReading,
            Loss::NotAnswering,
            Loss::HandshakeTimeout,
        ] {
            let report = unusable_over_http(&process(), loss);
            assert!(!report.message.contains("replaced"), "{report:?}");
            assert!(!report.message.contains("stdio"), "{report:?}");
            assert!(report.message.ends_with('.'), "{report:?}");
        }
    }

    #[test]
    fn an_exit_before_the_handshake_tells_the_code_and_where_to_look() {
        let exit = Exit {
            process: process(),
            code: 1,
            reason: Some("Error".to_owned()),
        };
        assert_eq!(
            lost(&process(), Loss::ProcessExited, false, Some(&exit)).message,
            "The server process ended (exit code 1, Error) before it answered initialize; its log says why, check image, args and env."
        );
    }
}
