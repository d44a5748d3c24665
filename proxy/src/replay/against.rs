//! Sends what the recorded clients sent to a command again, and compares.
//!
//! Everything goes through a bridge as it did then. A client does its next thing only after every
//! stream was given what it had been given by then, so that what followed from an answer follows
//! from it again; what ran at once runs at once.

mod plan;
mod report;
mod stage;

use std::collections::HashMap;

use hivewright_bridge::hub::HubConfig;
use tokio_util::sync::CancellationToken;

use self::{
    plan::{Given, Move, StreamOf, Turn},
    stage::Stage,
};
pub use self::{report::Report, stage::ANSWER_WAIT};
use crate::{
    backend::process::{self, Command, StartError},
    driver::{Bridge, NoRandomness, ServerHealth, secret},
    metrics::Metrics,
    record::Recording,
};

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum AgainstError {
    /// The command does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It never became an MCP server.
    #[error("the command is no MCP server, or does not answer; the log says more")]
    NoServer,
    /// Sessions cannot be named.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Replays a recording against a command and compares what came.
///
/// # Errors
/// See [`AgainstError`].
pub async fn run(recording: &Recording, command: Command) -> Result<Report, AgainstError> {
    let config = HubConfig {
        secret: Some(secret()?),
        ..HubConfig::new(env!("CARGO_PKG_VERSION"))
    };
    let bridge = Bridge::new(config, Metrics::new());
    let ending = CancellationToken::new();
    let (clock, end) = (bridge.clone(), ending.clone());
    tokio::spawn(async move { clock.run_clock(end).await });
    let mut server = tokio::spawn(process::run(bridge.clone(), command, ending.clone()));
    let replayed = tokio::select! {
        ended = &mut server => match ended {
            Ok(Err(error)) => return Err(error.into()),
            Ok(Ok(())) | Err(_) => Err(AgainstError::NoServer),
        },
        replayed = replay(recording, bridge) => replayed,
    };
    ending.cancel();
    if !server.is_finished() {
        // However it ends, the comparison is done.
        let _ = server.await;
    }
    replayed
}

async fn replay(recording: &Recording, bridge: Bridge) -> Result<Report, AgainstError> {
    up(&bridge).await?;
    let moves = plan::moves(recording);
    let mut stage = Stage::new(bridge);
    let mut expected: HashMap<StreamOf, usize> = HashMap::new();
    let (mut touched, mut questions, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for Move { stream, what, .. } in &moves {
        match what {
            Turn::Given(given) => {
                *expected.entry(*stream).or_default() += 1;
                touched.push(*stream);
                states.extend(given.state().map(|state| (*stream, state)));
                if let Given::Question(id, _) = given {
                    questions.push((*stream, id.clone()));
                }
            }
            Turn::Do(deed) => {
                settle(&mut stage, &mut touched, &expected).await;
                stage.act(*stream, deed.clone(), (&questions, &states))?;
            }
        }
    }
    settle(&mut stage, &mut touched, &expected).await;
    Ok(Report::new(&moves, &stage.given()))
}

/// Waits until every stream has what it had by now.
async fn settle(
    stage: &mut Stage,
    touched: &mut Vec<StreamOf>,
    expected: &HashMap<StreamOf, usize>,
) {
    for stream in touched.drain(..) {
        stage
            .wait(stream, expected.get(&stream).copied().unwrap_or(0))
            .await;
    }
}

/// Waits for the first handshake: the recorded clients came to a server that was there.
async fn up(bridge: &Bridge) -> Result<(), AgainstError> {
    let mut status = bridge.status();
    let settled = |health: &ServerHealth| {
        matches!(
            health,
            ServerHealth::Initialized(_) | ServerHealth::Failed(_)
        )
    };
    match status.wait_for(settled).await.as_deref() {
        Ok(ServerHealth::Initialized(_)) => Ok(()),
        Ok(ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Failed(_)) | Err(_) => {
            Err(AgainstError::NoServer)
        }
    }
}
