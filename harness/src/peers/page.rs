//! The figures as Markdown.

use std::fmt::Write as _;

use super::{Figures, Measured, Peer, Round};

/// The section of the page, for a machine in one line and a date.
pub fn section(figures: &Figures, machine: &str, date: &str) -> String {
    let mut text = format!(
        "## Bridges on one machine\n\nWritten by `make bench PART=bridges ARGS=--write` on {date}: every bridge in \
         front of the same stdio echo server, called by the same load program on loopback, one after the other, on \
         {machine}. One session, one call at a time on each keep-alive connection; of each set of runs the one with \
         the median rate is shown. CPU is the bridge's own process, without the server's.\n\n"
    );
    bridges(&mut text, figures);
    added(&mut text, figures);
    alone(&mut text, figures);
    text
}

fn bridges(text: &mut String, figures: &Figures) {
    text.push_str(
        "| bridge | connections | calls/s | ours against it | p50 ms | p99 ms | errors | CPU us/call | idle MiB | \
         KiB a session |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let ours = figures
        .bridges
        .iter()
        .find(|measured| measured.peer == Peer::Ours);
    for measured in &figures.bridges {
        for round in &measured.rounds {
            let own = ours.and_then(|ours| same(ours, round));
            row(text, measured, round, own);
        }
    }
}

fn same<'a>(measured: &'a Measured, round: &Round) -> Option<&'a Round> {
    let mut rounds = measured.rounds.iter();
    rounds.find(|own| own.connections == round.connections)
}

fn row(text: &mut String, measured: &Measured, round: &Round, own: Option<&Round>) {
    let against = match (measured.peer, own) {
        (Peer::Ours, _) | (_, None) => String::new(),
        (_, Some(own)) => format!(
            "{:.2} times (CPU {:.2} times)",
            own.rate / round.rate,
            own.cpu_micros / round.cpu_micros
        ),
    };
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "| {} {} | {} | {:.0} | {against} | {:.2} | {:.2} | {} | {:.0} | {:.1} | {:.1} |",
        measured.peer.name(),
        measured.peer.version(),
        round.connections,
        round.rate,
        round.p50_ms,
        round.p99_ms,
        round.errors,
        round.cpu_micros,
        measured.idle_mib,
        measured.session_kib
    );
}

fn added(text: &mut String, figures: &Figures) {
    text.push_str(
        "\n| callers | bare server calls/s | its p50 / p99 ms | added by ours, p50 / p99 ms |\n|---|---|---|---|\n",
    );
    let ours = figures
        .bridges
        .iter()
        .find(|measured| measured.peer == Peer::Ours);
    for bare in &figures.bare {
        let own = ours.and_then(|ours| {
            ours.rounds
                .iter()
                .find(|round| round.connections == bare.connections)
        });
        let Some(own) = own else { continue };
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.2} / {:.2} | {:.2} / {:.2} |",
            bare.connections,
            bare.rate,
            bare.p50_ms,
            bare.p99_ms,
            own.p50_ms - bare.p50_ms,
            own.p99_ms - bare.p99_ms
        );
    }
}

fn alone(text: &mut String, figures: &Figures) {
    let (steady, flood) = (&figures.steady, &figures.flood);
    let _ = writeln!(
        text,
        "\n| ours alone | |\n|---|---|\n\
         | instructions for one call (callgrind) | {:.0} |\n\
         | {} sessions, a call a second each, {} s | {} calls, {} errors, p99 {:.2} ms, {:.1} MiB half way and {:.1} MiB at the end |\n\
         | {:.0} notifications/s to one session | another one's p99 {:.2} ms, quiet {:.2} ms ({:.2} times), {} errors |",
        figures.instructions,
        steady.sessions,
        steady.seconds,
        steady.calls,
        steady.errors,
        steady.p99_ms,
        steady.resident_mib.0,
        steady.resident_mib.1,
        flood.rate,
        flood.p99_ms,
        flood.quiet_p99_ms,
        flood.p99_ms / flood.quiet_p99_ms,
        flood.errors
    );
}
