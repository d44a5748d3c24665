//! The figures as Markdown.

use std::fmt::Write as _;

use super::{Cost, Figures, Fleet, Scraped, controller::WRITES};

/// One figure: its name, what the original operator of these manifests (ToolHive 0.44.0) was
/// measured at with 100 servers on simulated nodes, what Hivewright aims at, and how it is read.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Figures) -> String,
);

const ROWS: [Row; 16] = [
    ("CPU per server created, ms", "48.6", "10", |all| {
        per_server(&all.created, all)
    }),
    ("time until all are Ready, s", "56", "15", |all| {
        seconds(&all.created)
    }),
    ("servers Ready per second", "1.8", "", |all| {
        rate(&all.created, all)
    }),
    ("requests per server created", "", "", |all| {
        requests(&all.created, all)
    }),
    ("CPU per change, ms", "29.9", "5", |all| {
        per_server(&all.changed, all)
    }),
    ("time until all changes are Ready, s", "", "", |all| {
        seconds(&all.changed)
    }),
    ("requests per change", "", "", |all| {
        requests(&all.changed, all)
    }),
    ("CPU per deletion, ms", "14.5", "3", |all| {
        per_server(&all.deleted, all)
    }),
    ("time until all are gone, s", "", "", |all| {
        seconds(&all.deleted)
    }),
    ("requests per deletion", "", "", |all| {
        requests(&all.deleted, all)
    }),
    ("CPU per idle minute, s", "0.88", "0.05", |all| {
        idle_minute(&all.idle)
    }),
    (
        "requests in the idle time, of these writes",
        "",
        "0 writes",
        |all| idle_requests(&all.idle),
    ),
    ("a scrape: samples, KiB", "", "", |all| scrape(&all.scraped)),
    ("time of a scrape, ms", "", "", |all| {
        format!("{:.1}", all.scraped.took.as_secs_f64() * 1000.0)
    }),
    ("memory when idle, MiB", "85", "40", |all| {
        format!("{:.0}", all.idle_mib)
    }),
    ("most memory, MiB", "", "", |all| {
        format!("{:.0}", all.peak_mib)
    }),
];

/// All figures, a column for each number of servers.
pub fn markdown(all: &[Figures]) -> String {
    let mut text = String::from("| | original operator, 100 | target |");
    for figures in all {
        // Writing to a String does not fail.
        let _ = write!(text, " {} |", figures.servers);
    }
    let _ = write!(text, "\n|---|---|---|{}\n", "---|".repeat(all.len()));
    for (name, original, target, read) in ROWS {
        let cells: Vec<String> = all.iter().map(read).collect();
        let _ = writeln!(
            text,
            "| {name} | {original} | {target} | {} |",
            cells.join(" | ")
        );
    }
    text
}

/// The figures of a fleet.
pub fn fleet(fleet: &Fleet) -> String {
    let rows = [
        ("samples of one proxy", format!("{:.0}", fleet.samples)),
        ("size of its scrape, KiB", format!("{:.1}", fleet.kib)),
        (
            "time of its scrape, ms: half of them, all of them",
            format!("{:.1}, {:.1}", fleet.middle_ms, fleet.longest_ms),
        ),
        (
            "CPU of the proxy for a scrape, ms",
            format!("{:.2}", fleet.proxy_cpu_ms),
        ),
        (
            "CPU of Prometheus, % of one processor",
            format!("{:.0}", fleet.cpu_percent),
        ),
        (
            "memory of Prometheus, MiB",
            format!("{:.0}", fleet.resident_mib),
        ),
        ("series of Prometheus", format!("{:.0}", fleet.series)),
    ];
    let mut text = format!("| | {} proxies |\n|---|---|\n", fleet.targets);
    for (name, figure) in rows {
        // Writing to a String does not fail.
        let _ = writeln!(text, "| {name} | {figure} |");
    }
    text
}

/// The page of the documentation.
pub fn page(all: &[Figures], fleet: Option<&Fleet>, setting: &str) -> String {
    let fleet = fleet.map_or_else(String::new, |figures| {
        format!(
            "\n## Prometheus\n\nA real one (version {}) scrapes this many proxies every 15 s. All of them are one process, the release \
             build in front of a stdio server, that has served a client with one tool: labels make it many targets. Sizes are not compressed. \
             CPU is the kernel's over a minute.\n\n{}",
            crate::tools::PROMETHEUS_VERSION,
            self::fleet(figures)
        )
    });
    let idle: Vec<String> = all
        .iter()
        .map(|figures| format!("{:.0}", figures.idle.took.as_secs_f64() / 60.0))
        .collect();
    let idle = idle.join(", ");
    format!(
        "# Many MCPServers\n\nWritten by `make scale ARGS='--write'`. A control plane of bare processes (etcd, API server, \
         controller manager, scheduler) with nodes that kwok simulates: pods are scheduled and become Running, no container \
         runs. What the proxies would do, a stand-in does with the same requests: it sets the scale of each StatefulSet and the \
         readiness gate of each pod; the watches of the proxies are missing. The controller is the release build with the \
         arguments and the rights of the chart, as a process beside, told that NetworkPolicies are enforced, since nobody is at the \
         addresses of simulated pods to find it out; its CPU time is the kernel's (`schedstat`) and counts up to \
         its rest, its requests are those of its own `/metrics` without the Lease's. A change is another environment variable, so \
         every pod is replaced. A scrape is of the controller's `/metrics` as Prometheus asks \
         for it, not compressed, the middle of 21. Idle time: {idle} minutes. All of it shares one machine: {setting}.\n\nThe original operator \
         is ToolHive 0.44.0, from an earlier measurement on a two-core machine with simulated nodes, not from this run.\n\n{}{fleet}",
        markdown(all)
    )
}

/// One number of servers in a sentence.
pub fn sentence(figures: &Figures) -> String {
    format!(
        "{} servers: Ready in {} s at {} ms CPU each, changed at {} ms, deleted at {} ms; idle {} s CPU a minute, {} requests; {:.0} MiB",
        figures.servers,
        seconds(&figures.created),
        per_server(&figures.created, figures),
        per_server(&figures.changed, figures),
        per_server(&figures.deleted, figures),
        idle_minute(&figures.idle),
        idle_requests(&figures.idle),
        figures.peak_mib,
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "there are hundreds of servers, not 2^52"
)]
fn count(figures: &Figures) -> f64 {
    figures.servers as f64
}

fn per_server(cost: &Cost, figures: &Figures) -> String {
    format!("{:.1}", cost.cpu.as_secs_f64() * 1000.0 / count(figures))
}

fn seconds(cost: &Cost) -> String {
    format!("{:.1}", cost.took.as_secs_f64())
}

fn rate(cost: &Cost, figures: &Figures) -> String {
    format!("{:.1}", count(figures) / cost.took.as_secs_f64())
}

fn requests(cost: &Cost, figures: &Figures) -> String {
    let verbs = cost.requests.iter();
    let words: Vec<String> = verbs
        .map(|(verb, number)| format!("{verb} {:.1}", number / count(figures)))
        .collect();
    words.join(", ")
}

fn idle_minute(cost: &Cost) -> String {
    let minutes = cost.took.as_secs_f64() / 60.0;
    format!("{:.3}", cost.cpu.as_secs_f64() / minutes)
}

fn idle_requests(cost: &Cost) -> String {
    let sum = |of: &dyn Fn(&str) -> bool| -> f64 {
        let those = cost.requests.iter().filter(|(verb, _)| of(verb));
        // A sum of nothing is -0.0.
        those.map(|(_, number)| number).sum::<f64>() + 0.0
    };
    let writes = sum(&|verb| WRITES.contains(&verb));
    format!("{:.0}, {writes:.0}", sum(&|_| true))
}

fn scrape(scraped: &Scraped) -> String {
    format!("{}, {}", scraped.samples, scraped.bytes.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn figures() -> Figures {
        let cost = |seconds, cpu, requests: &[(&str, f64)]| Cost {
            took: Duration::from_secs(seconds),
            cpu: Duration::from_millis(cpu),
            requests: requests
                .iter()
                .map(|(verb, n)| ((*verb).to_owned(), *n))
                .collect(),
        };
        Figures {
            servers: 100,
            created: cost(10, 500, &[("create", 900.0), ("patch", 1250.0)]),
            idle: cost(600, 200, &[("watch", 20.0), ("patch", 1.0)]),
            scraped: Scraped {
                bytes: 20_000,
                samples: 250,
                took: Duration::from_micros(1250),
            },
            changed: cost(20, 400, &[]),
            deleted: cost(30, 100, &[]),
            peak_mib: 30.4,
            idle_mib: 20.0,
        }
    }

    #[test]
    fn figures_stand_beside_the_original_and_the_target() {
        let text = markdown(&[figures()]);
        for row in [
            "| CPU per server created, ms | 48.6 | 10 | 5.0 |",
            "| time until all are Ready, s | 56 | 15 | 10.0 |",
            "| servers Ready per second | 1.8 |  | 10.0 |",
            "| requests per server created |  |  | create 9.0, patch 12.5 |",
            "| CPU per idle minute, s | 0.88 | 0.05 | 0.020 |",
            "| requests in the idle time, of these writes |  | 0 writes | 21, 1 |",
            "| a scrape: samples, KiB |  |  | 250, 20 |",
            "| time of a scrape, ms |  |  | 1.2 |",
        ] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
    }
}
