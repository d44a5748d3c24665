//! The arguments: how good or bad the server is from its start.

use std::fmt;

/// How the process behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A good MCP server.
    Serve,
    /// A good MCP server that prints lines that are not MCP before each of its answers.
    Garbage,
    /// Answers every request with a result that fits no MCP method.
    NotMcp,
    /// Prints prose for ever and answers nothing.
    Babble,
    /// Reads everything and answers nothing.
    NeverInitialize,
    /// Leaves with this code before it reads anything.
    ExitAtOnce(u8),
}

/// Parsed arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args {
    /// How the process behaves.
    pub mode: Mode,
    /// A TCP port that it also listens on, so that packets have something to reach.
    pub listen: Option<u16>,
}

/// An argument that is none of ours, or lacks its value.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownArgument(String);

impl fmt::Display for UnknownArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not known or lacks its number; use --garbage, --not-mcp, --babble, \
             --never-initialize, --exit-at-once CODE, --listen PORT",
            self.0
        )
    }
}

impl Args {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// The first argument that is not understood.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, UnknownArgument> {
        let mut args = args.into_iter();
        let mut parsed = Self {
            mode: Mode::Serve,
            listen: None,
        };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--garbage" => parsed.mode = Mode::Garbage,
                "--not-mcp" => parsed.mode = Mode::NotMcp,
                "--babble" => parsed.mode = Mode::Babble,
                "--never-initialize" => parsed.mode = Mode::NeverInitialize,
                "--exit-at-once" => parsed.mode = Mode::ExitAtOnce(number(arg, args.next())?),
                "--listen" => parsed.listen = Some(number(arg, args.next())?),
                _ => return Err(UnknownArgument(arg)),
            }
        }
        Ok(parsed)
    }
}

fn number<T: std::str::FromStr>(arg: String, value: Option<String>) -> Result<T, UnknownArgument> {
    value
        .and_then(|value| value.parse().ok())
        .ok_or(UnknownArgument(arg))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, UnknownArgument> {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn no_argument_is_a_good_server() {
        assert_eq!(
            parse(""),
            Ok(Args {
                mode: Mode::Serve,
                listen: None
            })
        );
    }

    #[test]
    fn a_mode_and_a_port_go_together() {
        let expected = Args {
            mode: Mode::ExitAtOnce(7),
            listen: Some(9000),
        };
        assert_eq!(parse("--exit-at-once 7 --listen 9000"), Ok(expected));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert!(
            parse("--exit-at-once many")
                .unwrap_err()
                .to_string()
                .contains("--exit-at-once")
        );
        assert!(
            parse("--verbose")
                .unwrap_err()
                .to_string()
                .contains("--verbose")
        );
    }
}
