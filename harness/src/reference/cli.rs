//! Command lines: the help that each program prints.

use super::program;
use crate::command::CommandError;
use crate::place::Place;
use crate::step::Log;

/// The help of a program and of each of its commands.
pub(super) async fn section(place: &Place, log: &Log, name: &str) -> Result<String, CommandError> {
    let main = program(place, log, name, &["--help"]).await?;
    let mut text = block(name, &main);
    for command in commands(&main) {
        let help = program(place, log, name, &[&command, "--help"]).await?;
        text.push_str(&block(&format!("{name} {command}"), &help));
    }
    Ok(text)
}

fn block(title: &str, help: &str) -> String {
    format!(
        "\n### {title}\n\n```text\n{}\n```\n",
        without_values(help).trim_end()
    )
}

/// The names in the list of commands, but for `help` itself.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let entries = lines.take_while(|line| !line.is_empty());
    // Names are indented by two; a text that goes on is indented further.
    let names = entries.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

/// `[env: NAME=value]` shows what is set here and now: `[env: NAME]` is what is meant.
fn without_values(help: &str) -> String {
    let mut text = String::new();
    let mut rest = help;
    while let Some((before, after)) = rest.split_once("[env: ") {
        let (variable, tail) = after.split_once(']').unwrap_or((after, ""));
        let name = variable.split('=').next().unwrap_or_default();
        text.extend([before, "[env: ", name, "]"]);
        rest = tail;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_the_help() {
        let help = "Does it\n\nUsage: x\n\nCommands:\n  run    Run it,\n           for long\n  crd  Print\n  help  Help\n\nOptions:\n  -h\n";
        assert_eq!(commands(help), ["run", "crd"]);
        assert!(commands("Usage: x\n").is_empty());
    }

    #[test]
    fn what_the_environment_holds_is_not_written() {
        let help = "--a [env: A=secret] [default: 1]\n--b [env: B=]\n";
        assert_eq!(
            without_values(help),
            "--a [env: A] [default: 1]\n--b [env: B]\n"
        );
    }
}
