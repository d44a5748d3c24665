//! The two ports, each of which has two names.

use hivewright_api::{MCPServerSpec, names};

use crate::refusal::{Refusal, RefusalReason};

/// Port of the proxy's Service when none is given.
const DEFAULT_PORT: u16 = 8080;

/// Port of the proxy's Service.
pub(super) fn service(spec: &MCPServerSpec) -> Result<u16, Refusal> {
    let given = one(
        ("spec.port", spec.port),
        ("spec.proxyPort", spec.proxy_port),
    )?;
    let Some((field, port)) = given else {
        return Ok(DEFAULT_PORT);
    };
    let own = names::PROXY_OWN_PORTS.iter();
    match own.into_iter().find(|(number, _)| *number == port) {
        Some((_, what)) => Err(refuse(
            field,
            format!("{port} is the proxy's own {what}; choose another"),
        )),
        None => Ok(port),
    }
}

/// Port on which the server's container says that it listens.
pub(super) fn container(spec: &MCPServerSpec) -> Result<Option<u16>, Refusal> {
    let given = one(
        ("spec.targetPort", spec.target_port),
        ("spec.mcpPort", spec.mcp_port),
    )?;
    Ok(given.map(|(_, port)| port))
}

type Named = (&'static str, Option<i32>);

fn one(older: Named, newer: Named) -> Result<Option<(&'static str, u16)>, Refusal> {
    match (parse(older)?, parse(newer)?) {
        (Some((older, one)), Some((newer, other))) if one != other => Err(refuse(
            newer,
            format!(
                "{other} differs from {older}, its older name, which says {one}; remove one of them"
            ),
        )),
        (older, newer) => Ok(newer.or(older)),
    }
}

fn parse((field, port): Named) -> Result<Option<(&'static str, u16)>, Refusal> {
    port.map(|port| match u16::try_from(port) {
        Ok(port) if port > 0 => Ok((field, port)),
        Ok(_) | Err(_) => Err(refuse(
            field,
            format!("{port} is no port; choose one from 1 to 65535"),
        )),
    })
    .transpose()
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidPort, field, sentence)
}
