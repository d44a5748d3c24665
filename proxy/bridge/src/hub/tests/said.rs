//! What goes out, as one short text each.

use super::*;

pub(super) fn tell(output: &Output) -> String {
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    match output {
        Output::ToServer(line) => format!("server {}", text(line).trim_end_matches('\n')),
        Output::ToClient {
            stream,
            message,
            last,
        } => {
            format!(
                "{}{} {}",
                stream.0,
                if *last { "!" } else { "" },
                text(message)
            )
        }
        Output::Opened { stream, session } => format!("{} opened {session}", stream.0),
        Output::Accepted { stream } => format!("{} accepted", stream.0),
        Output::Refused { stream, refusal } => {
            format!(
                "{} refused {} {}",
                stream.0,
                refusal.http_status(),
                refusal.reason()
            )
        }
        Output::Rejected {
            stream,
            status,
            message,
        } => format!("{}! {status} {}", stream.0, text(message)),
        Output::EndStream { stream } => format!("{} end", stream.0),
        Output::Overrun { stream, errors } => {
            let errors: Vec<String> = errors.iter().map(text).collect();
            format!("{} overrun {}", stream.0, errors.join(" "))
        }
        Output::DropServer(loss) => format!("drop {}", loss.reason()),
        Output::Event(_) => unreachable!("events are kept apart"),
    }
}
