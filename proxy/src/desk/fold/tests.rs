use hivewright_bridge::{
    event::{AskOutcome, Outcome},
    io::{CallKey, Loss},
};

use super::*;

fn at(seconds: i64) -> Clock {
    Clock {
        text: format!("10:00:{seconds:02}"),
        seconds,
    }
}

fn session() -> SessionId {
    "0123456789abcdef".into()
}

fn started(tool: &str) -> What {
    What::Event(HubEvent::RequestStarted {
        call: CallKey(1),
        stream: None,
        session: session(),
        method: MethodLabel::ToolsCall,
        tool: Some(tool.into()),
        bytes: 10,
    })
}

fn finished(tool: &str, outcome: Outcome) -> What {
    What::Event(HubEvent::RequestFinished {
        call: CallKey(1),
        session: session(),
        method: MethodLabel::ToolsCall,
        tool: Some(tool.into()),
        outcome,
        duration: Duration::from_millis(12),
        bytes: 1300,
    })
}

/// Each is a second after the one before.
fn all(fold: &mut Fold, whats: Vec<What>) -> Vec<String> {
    let seen = whats.into_iter().zip(0..);
    seen.flat_map(|(what, second)| fold.saw(&at(second), 0, what))
        .collect()
}

#[test]
fn a_call_is_one_line_with_session_tool_outcome_time_and_size() {
    let mut fold = Fold::new(Paint::Plain);
    let lines = all(
        &mut fold,
        vec![started("echo"), finished("echo", Outcome::Ok)],
    );
    let expected = "10:00:01  01234567  tools/call echo                     ok                12 ms    1.2 KiB";
    assert_eq!(lines, [expected]);
}

#[test]
fn sessions_and_the_server_are_told_with_what_is_open() {
    let mut fold = Fold::new(Paint::Plain);
    let opened = What::Event(HubEvent::SessionOpened {
        session: session(),
        door: Door::Streamable,
        revision: Revision::LATEST_LEGACY,
    });
    let closed = What::Event(HubEvent::SessionClosed {
        session: session(),
        door: Door::Streamable,
        why: CloseReason::Deleted,
        duration: Duration::from_secs(90),
    });
    let lost = What::Event(HubEvent::ServerLost {
        loss: Loss::ProcessExited,
        failed_calls: 2,
    });
    let lines = all(&mut fold, vec![opened, closed, lost]).join("\n");
    assert!(
        lines.contains("01234567  session opened: 2025-11-25 over streamable_http (1 open)"),
        "{lines}"
    );
    assert!(
        lines.contains("session closed: deleted after 1 min 30 s (0 open)"),
        "{lines}"
    );
    assert!(
        lines.contains("server lost (process_exited), 2 calls failed"),
        "{lines}"
    );
}

#[test]
fn a_process_that_ends_is_told_with_its_last_words_even_when_quiet() {
    for mut fold in [Fold::new(Paint::Plain), Fold::quiet(Paint::Plain)] {
        all(
            &mut fold,
            vec![What::Stderr("no \x1b[31mAPI key".to_owned())],
        );
        let ended = CommandNews::Ended {
            how: "exit status: 1".into(),
        };
        let wait = Duration::from_millis(400);
        let whats = vec![
            What::Command(ended),
            What::Command(CommandNews::Waiting { wait }),
        ];
        let lines = all(&mut fold, whats);
        assert!(
            lines[0].ends_with("server ended (exit status: 1), starts again in 400 ms"),
            "{lines:?}"
        );
        assert_eq!(lines.last().unwrap(), "            | no \\u{1b}[31mAPI key");
    }
}

#[test]
fn an_end_that_was_asked_for_is_not_told() {
    let mut fold = Fold::new(Paint::Plain);
    let how = "shutdown".into();
    let lines = all(&mut fold, vec![What::Command(CommandNews::Ended { how })]);
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_refusal_is_told_with_its_call_or_else_by_itself() {
    let mut fold = Fold::new(Paint::Plain);
    let refused = || {
        What::Event(HubEvent::Refused {
            refusal: Refusal::TooManyPending,
        })
    };
    let whats = vec![started("a"), refused(), finished("a", Outcome::Refused)];
    let lines = all(&mut fold, whats);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].ends_with(&Refusal::TooManyPending.to_string()),
        "{lines:?}"
    );
    assert_eq!(all(&mut fold, vec![refused()]), [""; 0]);
    let lines = fold.look(&at(1));
    assert!(lines[0].contains("refused with "), "{lines:?}");
}

#[test]
fn a_call_that_takes_long_is_told_before_it_ends() {
    let mut fold = Fold::new(Paint::Plain);
    all(&mut fold, vec![started("slow")]);
    assert_eq!(fold.look(&at(SLOW_AFTER - 1)), [""; 0]);
    let lines = fold.look(&at(SLOW_AFTER));
    assert!(
        lines[0].contains("tools/call slow") && lines[0].ends_with("still running"),
        "{lines:?}"
    );
}

#[test]
fn the_sum_counts_calls_failures_sessions_and_restarts() {
    let mut fold = Fold::new(Paint::Plain);
    let start = || What::Command(CommandNews::Started { pid: 1 });
    let whats = vec![
        start(),
        start(),
        finished("a", Outcome::Ok),
        finished("a", Outcome::ToolError),
    ];
    all(&mut fold, whats);
    assert_eq!(
        fold.sum(),
        ["2 requests, 1 of them failed; 0 sessions; 1 restart of the server"]
    );
    assert_eq!(Fold::quiet(Paint::Plain).sum(), [""; 0]);
}

/// Without what only paints.
fn width(line: &str) -> usize {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    plain.chars().count()
}

#[test]
fn lines_of_calls_are_never_longer_than_the_terminal_is_wide() {
    let asked = || HubEvent::AskFinished {
        method: MethodLabel::ElicitationCreate,
        outcome: AskOutcome::NotAttributable,
        duration: Duration::from_secs(7000),
    };
    let refusal = Refusal::TooManyPending;
    let long = "a_tool_with_a_name_that_nobody_would_ever_want_to_type_by_hand";
    for columns in 30..140 {
        let mut fold = Fold::new(Paint::Colours);
        fold.fit(Some(columns));
        let whats = vec![
            started(long),
            What::Event(HubEvent::Refused {
                refusal: refusal.clone(),
            }),
            finished(long, Outcome::InputRequired),
            What::Event(asked()),
            started(long),
        ];
        let mut lines = all(&mut fold, whats);
        lines.extend(fold.look(&at(30)));
        assert_eq!(lines.len(), 3, "{lines:?}");
        for line in lines {
            assert!(width(&line) <= columns, "{columns}: {line:?}");
        }
    }
}

#[test]
fn a_narrow_terminal_shows_the_beginning_of_a_tool_and_how_its_call_ended() {
    let mut fold = Fold::new(Paint::Plain);
    let mut told = |columns| {
        fold.fit(Some(columns));
        let whats = vec![started("fetch_pages"), finished("fetch_pages", Outcome::Ok)];
        all(&mut fold, whats).concat()
    };
    assert_eq!(
        told(80),
        "10:00:01  01234567  tools/call fetch_pages    ok                12 ms    1.2 KiB"
    );
    assert_eq!(told(40), "tools/call fet…  ok                12 ms");
}

#[test]
fn a_reason_has_the_place_of_time_and_size_where_there_is_no_room_for_all() {
    let mut fold = Fold::new(Paint::Plain);
    fold.fit(Some(80));
    let refused = HubEvent::Refused {
        refusal: Refusal::TooManyPending,
    };
    let whats = vec![
        started("a"),
        What::Event(refused),
        finished("a", Outcome::Refused),
    ];
    let line = all(&mut fold, whats).concat();
    let reason = line.strip_prefix("10:00:02  01234567  tools/call a  refused       ");
    let reason = reason.and_then(|reason| reason.strip_suffix('…'));
    let whole = Refusal::TooManyPending.to_string();
    assert!(
        reason.is_some_and(|reason| whole.starts_with(reason)),
        "{line}"
    );
}

#[test]
fn the_end_that_was_asked_for_is_a_quiet_word_told_once() {
    let mut fold = Fold::new(Paint::Colours);
    let lost = |failed_calls| {
        let loss = Loss::Draining;
        What::Event(HubEvent::ServerLost { loss, failed_calls })
    };
    let lines = all(&mut fold, vec![lost(0), lost(0)]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].ends_with("\x1b[2mstopped\x1b[0m"), "{lines:?}");
    let lines = all(&mut fold, vec![lost(1)]);
    assert!(lines[0].contains("stopped, 1 call failed"), "{lines:?}");
}
