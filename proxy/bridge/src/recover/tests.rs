use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::line::{Framed, Lines};

fn line(text: &str) -> Framed {
    Framed::Line(Bytes::copy_from_slice(text.as_bytes()))
}

fn answer(id: usize) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
}

fn note(name: usize) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/n{name}"}}"#)
}

/// A place to go on from: after these lines.
fn heard(lines: &[String]) -> Heard {
    let mut heard = Heard::default();
    for text in lines {
        heard.stdout(&line(text));
    }
    heard
}

/// The log and the new connection, line by line, the log first.
fn rejoined(mut rejoin: Rejoin, log: &[String], attached: &[String]) -> Result<Vec<Framed>, Lost> {
    let mut out = Vec::new();
    for text in log {
        rejoin.log(line(text), &mut out)?;
    }
    for text in attached {
        rejoin.attached(line(text), &mut out)?;
    }
    Ok(out)
}

#[test]
fn equal_notifications_are_counted_not_compared_with_a_set() {
    let before = [answer(1), note(0), note(0)];
    let log = [answer(1), note(0), note(0), note(0), note(0), answer(2)];
    let rejoin = heard(&before).rejoin(Log::Both).unwrap();
    let out = rejoined(rejoin, &log, &["rest".into(), note(0), answer(2), note(0)]).unwrap();
    assert_eq!(
        out,
        [note(0), note(0), answer(2), note(0)].map(|text| line(&text))
    );
}

#[test]
fn what_the_log_gave_before_the_connection_showed_it_is_not_given_again() {
    let rejoin = heard(&[answer(1)]).rejoin(Log::Both).unwrap();
    let log = [answer(1), answer(2), note(0), note(0)];
    let out = rejoined(
        rejoin,
        &log,
        &["rest".into(), answer(2), note(0), note(0), note(0)],
    )
    .unwrap();
    assert_eq!(
        out,
        [answer(2), note(0), note(0), note(0)].map(|text| line(&text))
    );
}

#[test]
fn without_an_answer_on_both_the_log_goes_on_to_be_what_is_given() {
    let mut rejoin = heard(&[answer(1)]).rejoin(Log::Both).unwrap();
    let mut out = Vec::new();
    rejoin.log(line(&answer(1)), &mut out).unwrap();
    assert!(rejoin.found());
    for _ in 0..3 {
        rejoin.attached(line(&note(0)), &mut out).unwrap();
        rejoin.log(line(&note(0)), &mut out).unwrap();
    }
    assert_eq!(
        (out.len(), rejoin.joined(), rejoin.recovered()),
        (3, false, 3)
    );
}

#[test]
fn lines_of_stderr_are_left_out_unless_they_could_be_a_part_of_a_message() {
    let rejoin = heard(&[answer(1)]).rejoin(Log::Both).unwrap();
    let log = [
        "warn".into(),
        answer(1),
        "{\"level\":1}".into(),
        note(0),
        "{oops".into(),
    ];
    assert_eq!(rejoined(rejoin, &log, &[]).unwrap(), [line(&note(0))]);

    let text = "x".repeat(16 * 1024);
    for torn in [
        format!(r#"{{"jsonrpc":"2.0","id":2,"result":"{text}a line of stderr"#),
        format!(r#"{{"result":"{text}a line of stderr"#),
    ] {
        let rejoin = heard(&[answer(1)]).rejoin(Log::Both).unwrap();
        assert_eq!(rejoined(rejoin, &[answer(1), torn], &[]), Err(Lost::Torn));
    }
}

#[test]
fn a_server_that_speaks_on_stderr_is_gone_on_with_only_if_the_log_can_be_split() {
    let mut heard = heard(&[answer(1)]);
    heard.stderr(b"warn");
    assert!(heard.rejoin(Log::Both).is_ok());
    heard.stderr(answer(1).as_bytes());
    heard.stderr(b"warn");
    assert_eq!(heard.rejoin(Log::Both).err(), Some(Lost::StderrSpeaks));
    assert!(heard.rejoin(Log::Stdout).is_ok());
}

#[test]
fn there_is_no_going_on_without_an_answer_or_too_far_from_one() {
    assert_eq!(
        Heard::default().rejoin(Log::Both).err(),
        Some(Lost::NoLandmark)
    );
    let mut far = heard(&[answer(1)]);
    for _ in 0..MAX_AFTER {
        far.stdout(&line(&note(0)));
    }
    assert!(far.rejoin(Log::Both).is_ok());
    far.stdout(&line(&note(0)));
    assert_eq!(far.rejoin(Log::Both).err(), Some(Lost::TooFarBack));
    far.stdout(&line(&answer(2)));
    assert!(far.rejoin(Log::Both).is_ok());
}

#[test]
fn a_log_without_the_landmark_is_never_taken_for_the_right_one() {
    let mut rejoin = heard(&[answer(1), note(0)]).rejoin(Log::Both).unwrap();
    let mut out = Vec::new();
    for text in [note(0), answer(7), note(0)] {
        rejoin.log(line(&text), &mut out).unwrap();
    }
    assert!(out.is_empty() && !rejoin.found());
}

#[test]
fn a_log_that_lacks_a_line_of_the_connection_is_found_out() {
    let rejoin = heard(&[answer(1)]).rejoin(Log::Both).unwrap();
    let attached = ["rest".into(), note(0), note(1), answer(2)];
    let lost = rejoined(rejoin, &[answer(1), note(1), answer(2)], &attached);
    assert_eq!(lost, Err(Lost::Diverged));
    let rejoin = heard(&[answer(1), note(0)]).rejoin(Log::Stdout).unwrap();
    assert_eq!(
        rejoined(rejoin, &[answer(1), note(1)], &[]),
        Err(Lost::Diverged)
    );
}

#[test]
fn what_is_kept_of_the_connection_is_bounded_and_the_log_has_what_is_let_go() {
    let mut rejoin = heard(&[answer(0)]).rejoin(Log::Both).unwrap();
    let mut out = Vec::new();
    rejoin.attached(line("rest"), &mut out).unwrap();
    let last = 3 * MAX_KEPT_LINES;
    for id in 1..=last {
        rejoin.attached(line(&answer(id)), &mut out).unwrap();
        assert!(rejoin.kept().0 <= MAX_KEPT_LINES);
    }
    for id in 0..=last {
        rejoin.log(line(&answer(id)), &mut out).unwrap();
    }
    let expected: Vec<_> = (1..=last).map(|id| line(&answer(id))).collect();
    assert!(out == expected && rejoin.done());

    let mut rejoin = heard(&[answer(0)]).rejoin(Log::Both).unwrap();
    let text = "x".repeat(MAX_KEPT_BYTES / 4);
    for id in 0..20 {
        let long = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"{text}"}}"#);
        rejoin.attached(line(&long), &mut out).unwrap();
        assert!(rejoin.kept().1 <= MAX_KEPT_BYTES);
    }
}

/// What a server writes: lines of stdout, each perhaps after lines of stderr.
#[derive(Clone, Debug)]
enum Write {
    Answer,
    Note(usize),
    Garbage,
    Stderr,
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let write = prop_oneof![
        3 => Just(Write::Answer),
        6 => (0..2_usize).prop_map(Write::Note),
        1 => Just(Write::Garbage),
        1 => Just(Write::Stderr),
    ];
    prop::collection::vec(write, 1..60)
}

/// All lines in the order of the log, each with whether stdout has it. The first is an answer.
fn text_of(writes: &[Write]) -> Vec<(String, bool)> {
    let rest = writes.iter().enumerate().map(|(at, write)| match write {
        Write::Answer => (answer(at + 1), true),
        Write::Note(name) => (note(*name), true),
        Write::Garbage => ("{ \"tick\" }".to_owned(), true),
        Write::Stderr => ("a warning".to_owned(), false),
    });
    std::iter::once((answer(0), true)).chain(rest).collect()
}

fn framed(bytes: &[u8]) -> Vec<Framed> {
    let mut lines = Lines::default();
    lines.feed(Bytes::copy_from_slice(bytes));
    std::iter::from_fn(|| lines.next()).collect()
}

fn messages(lines: Vec<Framed>) -> Vec<Framed> {
    let is_message = |line: &Framed| digest::Mark::framed(line).kind != digest::Kind::Other;
    lines.into_iter().filter(is_message).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_is_missed_is_given_once_in_order(
        writes in writes(),
        break_at in any::<prop::sample::Index>(),
        begin_at in any::<prop::sample::Index>(),
        window in any::<prop::sample::Index>(),
        order in prop::collection::vec(any::<bool>(), 160),
        split in any::<bool>(),
    ) {
        let all = text_of(&writes);
        let lines = all.iter().filter(|(_, out)| *out);
        let stdout: String = lines.flat_map(|(text, _)| [&**text, "\n"]).collect();
        let stdout = stdout.as_bytes();
        // The old connection shows a part that ends anywhere, the new one begins anywhere after it.
        let first = answer(0).len() + 1;
        let broke = first + break_at.index(stdout.len() + 1 - first);
        let begun = broke + begin_at.index(stdout.len() + 1 - broke);
        let before = framed(&stdout[..broke]);
        let mut heard = Heard::default();
        for line in &before {
            heard.stdout(line);
        }
        let log_kind = if split { Log::Stdout } else { Log::Both };
        let mut rejoin = heard.rejoin(log_kind).expect("the first line is an answer");

        // The log is asked for from somewhere before the landmark.
        let log: Vec<_> = all.iter().filter(|(_, out)| *out || !split).map(|(text, _)| line(text)).collect();
        let latest = before.iter().rev().find(|line| digest::Mark::framed(line).kind == digest::Kind::Landmark);
        let landmark = log.iter().position(|line| Some(line) == latest).expect("it is in the log");
        let mut log = log.into_iter().skip(window.index(landmark + 1)).peekable();
        let mut attached = framed(&stdout[begun..]).into_iter().peekable();

        let mut out = Vec::new();
        let mut order = order.iter().cycle();
        while log.peek().is_some() || attached.peek().is_some() {
            let next_of_log = *order.next().expect("it cycles");
            // A log that has been left is not read.
            if (next_of_log || attached.peek().is_none()) && log.peek().is_some() {
                if let Some(line) = log.next() { rejoin.log(line, &mut out).expect("log"); }
            } else if let Some(line) = attached.next() {
                rejoin.attached(line, &mut out).expect("attached");
            }
        }
        let expected = messages(framed(stdout)).split_off(messages(before).len());
        prop_assert_eq!(messages(out), expected);
    }
}
