use proptest::prelude::*;

use super::*;

fn event(number: u64) -> Bytes {
    Bytes::from(number.to_string())
}

fn log(events: u64) -> Replay {
    let mut log = Replay::new(usize::MAX);
    for number in 1..=events {
        assert_eq!(log.append(event(number)), Ok(()));
    }
    log
}

fn read(log: &mut Replay) -> Vec<Seq> {
    std::iter::from_fn(|| log.give().map(|(seq, _)| seq)).collect()
}

#[test]
fn events_are_numbered_from_one_and_given_once() {
    let mut log = log(3);
    assert_eq!(log.give(), Some((1, event(1))));
    assert_eq!(read(&mut log), [2, 3]);
    assert!(log.is_read());
    assert_eq!(log.give(), None);
}

#[test]
fn a_reader_that_comes_back_gets_what_it_has_not_read_and_then_what_is_new() {
    let mut log = log(4);
    assert_eq!(read(&mut log), [1, 2, 3, 4]);
    assert_eq!(log.append(event(5)), Ok(()));
    assert_eq!(log.resume(2), Ok(()));
    assert_eq!(read(&mut log), [3, 4, 5]);
    assert_eq!(log.resume(PRIMING), Err(Unresumable::FellOut), "2 was read");
    assert_eq!(log.resume(5), Ok(()));
    assert_eq!((read(&mut log), log.bytes()), (vec![], 0));
}

#[test]
fn the_priming_event_stands_before_all_others() {
    let mut log = log(2);
    assert_eq!(log.resume(PRIMING), Ok(()));
    assert_eq!(read(&mut log), [1, 2]);
}

#[test]
fn an_event_that_was_never_given_is_no_place_to_go_on_from() {
    let mut log = log(3);
    assert_eq!(log.resume(1), Err(Unresumable::NeverGiven));
    assert_eq!(log.give().map(|(seq, _)| seq), Some(1));
    assert_eq!(log.resume(2), Err(Unresumable::NeverGiven));
    assert_eq!(log.resume(u64::MAX), Err(Unresumable::NeverGiven));
    assert_eq!(read(&mut log), [2, 3], "a refusal changes nothing");
}

#[test]
fn what_was_given_makes_room_and_what_was_not_does_not() {
    let bound = MAX_EVENTS as u64;
    let mut log = log(bound);
    assert_eq!(log.append(event(0)), Err(Full));
    assert!(log.give().is_some());
    assert_eq!(log.append(event(bound + 1)), Ok(()));
    assert_eq!(log.resume(PRIMING), Err(Unresumable::FellOut));
    assert_eq!(log.resume(1), Ok(()));
    assert_eq!(read(&mut log).len(), MAX_EVENTS);
}

#[test]
fn given_bytes_past_the_bound_fall_out_but_the_last_event_stays() {
    let mut log = Replay::new(usize::MAX);
    let large = Bytes::from(vec![0; MAX_GIVEN_BYTES + 1]);
    assert_eq!(log.append(large.clone()), Ok(()));
    assert_eq!(log.append(large.clone()), Ok(()));
    assert_eq!(read(&mut log), [1, 2]);
    assert_eq!(log.bytes(), large.len());
    assert_eq!(log.resume(0), Err(Unresumable::FellOut));
    assert_eq!(log.resume(1), Ok(()));
    assert_eq!(read(&mut log), [2]);
}

#[test]
fn bytes_that_wait_are_bounded_but_for_one_event_and_the_end() {
    let mut log = Replay::new(3);
    assert_eq!(log.append(Bytes::from_static(b"large")), Ok(()));
    assert_eq!(log.append(Bytes::from_static(b"x")), Err(Full));
    log.append_last(Bytes::from_static(b"end"));
    assert_eq!(read(&mut log), [1, 2]);
}

#[test]
fn what_was_forgotten_is_not_given_again() {
    let mut log = log(2);
    assert!(log.give().is_some());
    log.forget_given();
    assert_eq!(log.resume(0), Err(Unresumable::FellOut));
    assert_eq!(read(&mut log), [2]);
}

#[test]
fn an_id_is_read_only_as_it_is_written() {
    let id = |origin| EventId {
        origin,
        stream: StreamKey(0x1f),
        seq: 10,
    };
    for (origin, text) in [(Origin::Get, "g1f-a"), (Origin::Post, "p1f-a")] {
        assert_eq!(id(origin).to_string(), text);
        assert_eq!(EventId::parse(text), Some(id(origin)));
    }
    for other in [
        "",
        "-",
        "g",
        "1f-a",
        "x1f-a",
        "G1f-a",
        "gp1f-a",
        "g1f",
        "g1f-",
        "g-a",
        "g1F-a",
        "g01f-a",
        "g+1f-a",
        "g1f-a-1",
        "g1f-a ",
        " g1f-a",
        "gg-1",
        "g1-fffffffffffffffff",
    ] {
        assert_eq!(EventId::parse(other), None, "{other:?}");
    }
}

/// What can happen to a stream.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The server says so much.
    Append(u8),
    /// The reader takes so much off the log, and so much of it arrives at the client.
    Give(u8, u8),
    /// The connection breaks; the client comes back with the last id that it has.
    Resume,
    /// The client comes back with an older id than its last, by so much.
    Behind(u8),
    /// Memory is short.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<u8>().prop_map(Step::Append),
        4 => (any::<u8>(), any::<u8>()).prop_map(|(give, arrive)| Step::Give(give, arrive)),
        3 => Just(Step::Resume),
        1 => any::<u8>().prop_map(Step::Behind),
        1 => Just(Step::Forget),
    ]
}

/// A client that keeps what it has read, as it would.
#[derive(Debug, Default)]
struct Client {
    read: Vec<Bytes>,
    /// Whether events are on their way that have not arrived and, on this connection, never will.
    broken: bool,
}

impl Client {
    fn last(&self) -> Seq {
        self.read.len() as u64
    }
}

proptest! {
    #[test]
    fn whatever_happens_every_event_is_read_once_and_in_order_or_resuming_is_refused(
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut log = Replay::new(1000);
        let mut client = Client::default();
        let (mut appended, mut refused) = (0, false);
        for step in steps {
            match step {
                Step::Append(count) => {
                    for _ in 0..count {
                        if log.append(event(appended + 1)).is_err() {
                            break;
                        }
                        appended += 1;
                    }
                }
                Step::Give(give, arrive) => {
                    for at in 0..give {
                        let Some((seq, event)) = log.give() else { break };
                        client.broken |= at >= arrive;
                        if !client.broken {
                            prop_assert_eq!(seq, client.last() + 1);
                            client.read.push(event);
                        }
                    }
                }
                Step::Resume => match log.resume(client.last()) {
                    Ok(()) => client.broken = false,
                    Err(Unresumable::FellOut) => { refused = true; break }
                    Err(Unresumable::NeverGiven) => prop_assert!(false, "it was given"),
                },
                // An older id is refused, or gives again exactly what follows it.
                Step::Behind(by) => {
                    let last = client.last().saturating_sub(u64::from(by));
                    if log.resume(last).is_ok() {
                        client.read.truncate(usize::try_from(last).unwrap());
                        client.broken = false;
                    }
                }
                Step::Forget => log.forget_given(),
            }
            prop_assert!(log.events.len() <= MAX_EVENTS);
            prop_assert_eq!(log.bytes(), log.events.iter().map(Bytes::len).sum::<usize>());
        }
        if !refused && log.resume(client.last()).is_ok() {
            while let Some((_, event)) = log.give() {
                client.read.push(event);
            }
            prop_assert_eq!(client.last(), appended, "nothing is missing");
        }
        for (number, read) in (1..).zip(&client.read) {
            prop_assert_eq!(read, &event(number));
        }
    }
}
