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
    /// Takes memory until it is killed for it.
    Hog,
}

/// Parsed arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args {
    /// How the process behaves.
    pub mode: Mode,
    /// A TCP port that it also listens on, so that packets have something to reach.
    pub listen: Option<u16>,
    /// How it listens when the environment asks for HTTP.
    pub http: HttpArgs,
}

/// How a server that speaks HTTP listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpArgs {
    /// Seconds before it listens.
    pub late: u64,
    /// The port, instead of the one that the environment names.
    pub port: Option<u16>,
    /// Whether only the pod itself can connect.
    pub loopback: bool,
    /// Whether it listens nowhere, ever.
    pub deaf: bool,
}

/// An argument that is none of ours, or lacks its value.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownArgument(String);

impl fmt::Display for UnknownArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not known or lacks its number; use --garbage, --not-mcp, --babble, \
             --never-initialize, --exit-at-once CODE, --hog, --listen PORT; for HTTP --late SECONDS, \
             --http-port PORT, --loopback, --deaf",
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
            http: HttpArgs::default(),
        };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--garbage" => parsed.mode = Mode::Garbage,
                "--not-mcp" => parsed.mode = Mode::NotMcp,
                "--babble" => parsed.mode = Mode::Babble,
                "--never-initialize" => parsed.mode = Mode::NeverInitialize,
                "--hog" => parsed.mode = Mode::Hog,
                "--exit-at-once" => parsed.mode = Mode::ExitAtOnce(number(arg, args.next())?),
                "--listen" => parsed.listen = Some(number(arg, args.next())?),
                _ => parsed.http.read(arg, &mut args)?,
            }
        }
        Ok(parsed)
    }
}

impl HttpArgs {
    fn read(
        &mut self,
        arg: String,
        rest: &mut impl Iterator<Item = String>,
    ) -> Result<(), UnknownArgument> {
        match arg.as_str() {
            "--late" => self.late = number(arg, rest.next())?,
            "--http-port" => self.port = Some(number(arg, rest.next())?),
            "--loopback" => self.loopback = true,
            "--deaf" => self.deaf = true,
            _ => return Err(UnknownArgument(arg)),
        }
        Ok(())
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
                listen: None,
                http: HttpArgs::default(),
            })
        );
    }

    #[test]
    fn a_mode_and_a_port_go_together() {
        let expected = Args {
            mode: Mode::ExitAtOnce(7),
            listen: Some(9000),
            http: HttpArgs::default(),
        };
        assert_eq!(parse("--exit-at-once 7 --listen 9000"), Ok(expected));
    }

    #[test]
    fn how_it_listens_is_told_word_by_word() {
        let http = parse("--late 5 --http-port 8000 --loopback").unwrap().http;
        let expected = HttpArgs {
            late: 5,
            port: Some(8000),
            loopback: true,
            deaf: false,
        };
        assert_eq!(http, expected);
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
