//! Which of the views there is.

use std::ffi::OsStr;

use super::Paint;
use crate::{
    args::{DeskArgs, Live},
    telemetry::DEFAULT_FILTER,
};

/// What is logged beside the live view: warnings, but none that the view tells itself.
pub const LIVE_FILTER: &str =
    "warn,hivewright_proxy::log=off,hivewright_proxy::backend::process=off,server=off,access=off";

/// What goes to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The log, for machines and for those who asked for it.
    Log,
    /// Calls, sessions and the server as it happens.
    Live(Paint),
    /// What goes wrong with the server.
    Quiet(Paint),
}

impl View {
    /// What suits these options and this stderr. `filter` says that a log filter was chosen, which
    /// somebody does who wants the log; `no_colour` and `term` are `NO_COLOR` (no-color.org: any
    /// value but an empty one) and `TERM`.
    pub fn choose(
        args: &DeskArgs,
        filter: bool,
        terminal: bool,
        (no_colour, term): (Option<&OsStr>, Option<&OsStr>),
    ) -> Self {
        let plain = no_colour.is_some_and(|value| !value.is_empty())
            || term.is_some_and(|term| term == "dumb");
        let paint = if terminal && !plain {
            Paint::Colours
        } else {
            Paint::Plain
        };
        match args.live {
            _ if args.quiet => Self::Quiet(paint),
            Live::Always => Self::Live(paint),
            Live::Auto if terminal && !filter => Self::Live(paint),
            Live::Auto | Live::Never => Self::Log,
        }
    }

    /// What is logged unless a filter was chosen.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::Log => DEFAULT_FILTER,
            Self::Live(_) | Self::Quiet(_) => LIVE_FILTER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(live: Live, quiet: bool, (filter, terminal): (bool, bool), no_colour: &str) -> View {
        let args = DeskArgs {
            live,
            quiet,
            ..DeskArgs::default()
        };
        View::choose(&args, filter, terminal, (Some(OsStr::new(no_colour)), None))
    }

    #[rstest::rstest]
    #[case::terminal(Live::Auto, (false, true), "", View::Live(Paint::Colours))]
    #[case::no_color(Live::Auto, (false, true), "1", View::Live(Paint::Plain))]
    #[case::pipe(Live::Auto, (false, false), "", View::Log)]
    #[case::filter_chosen(Live::Auto, (true, true), "", View::Log)]
    #[case::never(Live::Never, (false, true), "", View::Log)]
    #[case::always_in_a_pipe(Live::Always, (false, false), "", View::Live(Paint::Plain))]
    fn the_live_view_is_for_terminals_unless_asked_for(
        #[case] live: Live,
        #[case] stderr: (bool, bool),
        #[case] no_colour: &str,
        #[case] expected: View,
    ) {
        assert_eq!(choose(live, false, stderr, no_colour), expected);
        let quiet = choose(live, true, stderr, no_colour);
        assert!(matches!(quiet, View::Quiet(_)), "{quiet:?}");
    }

    #[test]
    fn every_filter_parses() {
        for view in [
            View::Log,
            View::Live(Paint::Plain),
            View::Quiet(Paint::Plain),
        ] {
            let parsed = view.filter().parse::<tracing_subscriber::EnvFilter>();
            assert!(parsed.is_ok(), "{view:?}");
        }
    }
}
