//! Whether there is a status page, and what it shows.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::{
    backend::process::Command,
    fleet::Fleet,
    page::{Page, Story},
    settings::{Backend, Settings},
};

/// The page for the person who started the proxy, if they asked for an admin port.
pub(super) fn begin(settings: &Settings, fleet: &Fleet, doors: SocketAddr) -> Option<Page> {
    let (Some(at), Some(_)) = (settings.admin, &settings.desk) else {
        return None;
    };
    let command = match &settings.backend {
        Backend::Process(command) | Backend::Pool(command, _) => line(command),
        Backend::Replay(_) => "a recording".to_owned(),
        // Its page is the controller's.
        Backend::Pods(_) => return None,
    };
    tracing::info!(address = %at, "status page open");
    Some(Page {
        fleet: fleet.clone(),
        story: Story::default(),
        doors,
        command,
        started: Timestamp::now(),
        guard: settings.guard.clone(),
    })
}

/// The command up to its first option: options may hold secrets, and the page may be opened to a
/// network.
fn line(command: &Command) -> String {
    let words = command
        .args
        .iter()
        .take_while(|word| !word.starts_with('-'));
    let shown = words.clone().count();
    let mut line = command.program.clone();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    if shown < command.args.len() {
        line.push_str(" …");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_up_to_its_first_option() {
        let shown = |args: &[&str]| {
            line(&Command {
                program: "uvx".to_owned(),
                args: args.iter().map(|&word| word.to_owned()).collect(),
            })
        };
        assert_eq!(shown(&["mcp-server-fetch"]), "uvx mcp-server-fetch");
        assert_eq!(shown(&["x", "--token", "secret", "y"]), "uvx x …");
        assert_eq!(shown(&[]), "uvx");
    }
}
