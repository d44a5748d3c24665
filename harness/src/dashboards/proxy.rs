//! The proxy of one server: its sessions, its doors, its waits and its bounds.

mod bounds;
mod sessions;

use super::ask::{DURATION, mean, quantile, rate, total};
use super::board::{Board, Row, row};
use super::panel::{A_PERSON_WAITS, heat, series, stat};
use super::server::CHOSEN;
use super::unit::Unit;
use super::variable::{NAMESPACE, SERVER, Variable};

pub(super) fn board() -> Board {
    Board {
        name: "proxy",
        title: "Proxy sessions and latencies",
        description: "The proxy of one MCP server: its sessions, its doors, its waits and \
                 its bounds.",
        from: "now-1h",
        variables: &[Variable::Source, NAMESPACE, SERVER],
        chosen: CHOSEN,
        rows: vec![
            now(),
            sessions::sessions(),
            latencies(),
            doors(),
            bounds::messages(),
            bounds::bounds(),
            bounds::own(),
        ],
    }
}

fn now() -> Row {
    row(
        "Now",
        [
            stat("Sessions", Unit::Count, "Open sessions of clients.")
                .ask(total("hivewright_proxy_sessions", ""), "sessions"),
            stat(
                "Requests without a session",
                Unit::Count,
                "Open requests of the stateless revision, those that wait for their \
                 clients included.",
            )
            .ask(total("hivewright_proxy_visits", ""), "visits"),
            stat(
                "Calls at the server",
                Unit::Count,
                "Calls that the server has and has not answered.",
            )
            .ask(total("hivewright_proxy_pending_requests", ""), "calls"),
            stat(
                "Calls held",
                Unit::Count,
                "Calls that wait until a server is up.",
            )
            .ask(total("hivewright_proxy_held_requests", ""), "held"),
            stat(
                "Questions at clients",
                Unit::Count,
                "Requests of the server that clients have and have not answered.",
            )
            .ask(total("hivewright_proxy_pending_asks", ""), "questions"),
            stat(
                "Slow calls",
                Unit::Seconds,
                "99 of 100 calls are answered within this time.",
            )
            .ask(quantile("0.99", DURATION, "", ""), "p99")
            .steps(A_PERSON_WAITS),
        ],
    )
}

fn latencies() -> Row {
    row(
        "Latencies",
        [
            series(
                "Time of a call",
                Unit::Seconds,
                "Time from a client's request to its answer.",
            )
            .spread(DURATION)
            .size(12, 8),
            heat("Calls by time", "How many calls took how long.")
                .ask(super::ask::heat(DURATION), "{{le}}")
                .size(12, 8),
            series(
                "Slow calls by method",
                Unit::Seconds,
                "99 of 100 calls are answered within this time, by MCP method.",
            )
            .ask(
                quantile("0.99", DURATION, "mcp_method_name", ""),
                "{{mcp_method_name}}",
            ),
            series(
                "Slow calls by tool",
                Unit::Seconds,
                "99 of 100 calls of a tool are answered within this time.",
            )
            .ask(
                quantile(
                    "0.99",
                    DURATION,
                    "gen_ai_tool_name",
                    "gen_ai_tool_name!=\"\"",
                ),
                "{{gen_ai_tool_name}}",
            ),
            series(
                "Mean time by outcome",
                Unit::Seconds,
                "Mean time of calls by the kind of their error; without a kind: \
                 answered well.",
            )
            .ask(mean(DURATION, "error_type"), "{{error_type}}"),
        ],
    )
}

fn doors() -> Row {
    row(
        "Doors",
        [
            series(
                "HTTP requests",
                Unit::Calls,
                "HTTP exchanges that are over, by door and status; gone: the client \
                 left before it had an answer.",
            )
            .ask(
                rate("hivewright_proxy_http_requests_total", "door, status", ""),
                "{{door}} {{status}}",
            )
            .stacked(),
            series(
                "Bytes from clients",
                Unit::Throughput,
                "Bytes of request bodies, by door.",
            )
            .ask(
                rate("hivewright_proxy_http_request_bytes_total", "door", ""),
                "{{door}}",
            )
            .stacked(),
            series(
                "Bytes to clients",
                Unit::Throughput,
                "Bytes of response bodies, by door.",
            )
            .ask(
                rate("hivewright_proxy_http_response_bytes_total", "door", ""),
                "{{door}}",
            )
            .stacked(),
        ],
    )
}
