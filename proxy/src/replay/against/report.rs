//! How the answers of now compare with the recorded ones.

use std::{collections::HashMap, fmt};

use super::plan::{Deed, Given, Move, StreamOf, Turn};
use crate::replay::{Difference, compare::differences, key};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Things that were given again, and are the same.
    pub same: usize,
    /// Those that are not, in the order of the recording.
    pub findings: Vec<Finding>,
}

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line of the recording that holds it.
    pub line: usize,
    /// What was asked.
    pub of: String,
    /// What is wrong.
    pub what: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It did not come.
    Missing,
    /// It is different in these places.
    Differs(Vec<Difference>),
}

impl Report {
    /// Compares what was recorded with what came.
    pub(super) fn new(moves: &[Move], now: &HashMap<StreamOf, Vec<Given>>) -> Self {
        let mut report = Self::default();
        let mut names = Names::default();
        let mut taken: HashMap<StreamOf, Vec<bool>> = HashMap::new();
        for Move { line, stream, what } in moves {
            match what {
                Turn::Do(deed) => names.learn(*stream, deed),
                Turn::Given(recorded) => {
                    let came = now.get(stream).map_or(&[][..], Vec::as_slice);
                    let taken = taken
                        .entry(*stream)
                        .or_insert_with(|| vec![false; came.len()]);
                    let at = (0..came.len()).find(|at| !taken[*at] && recorded.is_kin(&came[*at]));
                    if let Some(at) = at {
                        taken[at] = true;
                    }
                    let what = wrong(recorded, at.map(|at| &came[at]));
                    let of = || names.of(*stream, recorded);
                    report.add(what.map(|what| Finding {
                        line: *line,
                        of: of(),
                        what,
                    }));
                }
            }
        }
        report
    }

    fn add(&mut self, finding: Option<Finding>) {
        match finding {
            Some(finding) => self.findings.push(finding),
            None => self.same += 1,
        }
    }
}

impl Given {
    /// Whether the other one stands in this one's place.
    fn is_kin(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Answer(a, _), Self::Answer(b, _)) => a == b,
            // A refusal in place of an acceptance, or the other way round, is a difference.
            (Self::Question(..), Self::Question(..))
            | (Self::Accepted | Self::Refused(_), Self::Accepted | Self::Refused(_)) => true,
            (
                Self::Answer(..) | Self::Question(..) | Self::Accepted | Self::Refused(_),
                Self::Answer(..) | Self::Question(..) | Self::Accepted | Self::Refused(_),
            ) => false,
        }
    }

    /// As JSON, to compare.
    fn text(&self) -> Vec<u8> {
        match self {
            Self::Answer(_, message) | Self::Question(_, message) => message.clone(),
            Self::Accepted => b"\"accepted\"".to_vec(),
            Self::Refused(reason) => format!("\"refused: {reason}\"").into_bytes(),
        }
    }
}

fn wrong(recorded: &Given, now: Option<&Given>) -> Option<Wrong> {
    let Some(now) = now else {
        return Some(Wrong::Missing);
    };
    let differences = differences(&recorded.text(), &now.text());
    (!differences.is_empty()).then_some(Wrong::Differs(differences))
}

/// What was asked on which stream, for people.
#[derive(Default)]
struct Names(HashMap<StreamOf, String>);

impl Names {
    fn learn(&mut self, stream: StreamOf, deed: &Deed) {
        let name = match deed {
            Deed::Open { body, .. } | Deed::Post { body, .. } | Deed::Visit { body, .. } => {
                match key::request(body) {
                    Some(request) => {
                        let key = key::Key::of(body, &request);
                        [Some(key.method), key.subject]
                            .into_iter()
                            .flatten()
                            .collect::<Vec<_>>()
                            .join(" ")
                    }
                    None => "a message".to_owned(),
                }
            }
            Deed::OpenSse { .. } => "GET /sse".to_owned(),
            Deed::Listen { .. } => "GET /mcp".to_owned(),
            Deed::Close { .. } => "DELETE /mcp".to_owned(),
            Deed::Leave => return,
        };
        self.0.insert(stream, name);
    }

    fn of(&self, stream: StreamOf, given: &Given) -> String {
        let name = self.0.get(&stream).map_or("a stream", String::as_str);
        match given {
            Given::Question(..) => format!("a question during {name}"),
            Given::Answer(..) | Given::Accepted | Given::Refused(_) => name.to_owned(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { line, of, what } in &self.findings {
            match what {
                Wrong::Missing => writeln!(out, "line {line}, {of}: nothing came")?,
                Wrong::Differs(places) => {
                    for place in places {
                        writeln!(out, "line {line}, {of}: {place}")?;
                    }
                }
            }
        }
        write!(out, "{} the same, {} not", self.same, self.findings.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: StreamOf = (0, 4);

    fn answer(text: &str) -> Given {
        Given::of(format!(r#"{{"jsonrpc":"2.0","id":7,"result":{text}}}"#).into_bytes()).unwrap()
    }

    fn report(recorded: Given, now: Vec<Given>) -> Report {
        let body = br#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t"}}"#;
        let post = Deed::Post {
            session: "s".to_owned(),
            version: None,
            body: body.to_vec(),
        };
        let moves = [(10, Turn::Do(post)), (11, Turn::Given(recorded))].map(|(line, what)| Move {
            line,
            stream: STREAM,
            what,
        });
        Report::new(&moves, &HashMap::from([(STREAM, now)]))
    }

    #[test]
    fn an_answer_that_is_the_same_is_counted_and_another_one_told() {
        assert_eq!(
            report(answer("{}"), vec![answer("{ }")]).to_string(),
            "1 the same, 0 not"
        );
        let told = report(answer(r#"{"x":1}"#), vec![answer(r#"{"x":2}"#)]).to_string();
        let first = "line 11, tools/call t: /result/x: recorded 1, now 2\n";
        assert_eq!(told, format!("{first}0 the same, 1 not"));
    }

    #[test]
    fn what_did_not_come_and_what_was_refused_is_told() {
        let told = report(answer("{}"), vec![]).to_string();
        assert!(
            told.starts_with("line 11, tools/call t: nothing came\n"),
            "{told}"
        );
        let refused = Given::Refused("unknown_session".to_owned());
        let told = report(Given::Accepted, vec![refused]).to_string();
        assert!(
            told.contains("recorded \"accepted\", now \"refused: unknown_session\""),
            "{told}"
        );
    }
}
