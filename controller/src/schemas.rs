//! `hivewright-controller schemas`: the JSON Schemas of all events that Hivewright tells, those of the
//! proxies' audit log among them.

use std::io::Write;

use hivewright_api::audit;
use hivewright_core::record::schema::{self, EventSchema};

/// Why the schemas could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// They do not fit into JSON, or the output does not take them.
    #[error("the schemas cannot be printed; is the output full or closed?")]
    Print(#[source] serde_json::Error),
}

/// Every schema.
pub fn all() -> Vec<EventSchema> {
    let mut all = schema::all();
    all.push(EventSchema::new::<audit::Call>(
        "audit.call.v1.json".to_owned(),
        "Somebody called something on an MCP server, and what came of it",
        vec![audit::CALL.to_owned()],
    ));
    all.push(EventSchema::new::<audit::Refused>(
        "audit.refused.v1.json".to_owned(),
        "A request was turned away before the MCP server was asked",
        vec![audit::REFUSED.to_owned()],
    ));
    all
}

/// Writes all of them to `out`, as one JSON array.
///
/// # Errors
/// [`Error::Print`].
pub fn print(out: &mut impl Write) -> Result<(), Error> {
    serde_json::to_writer_pretty(out, &all()).map_err(Error::Print)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_is_described_once_in_a_file_of_its_own_name() {
        let all = all();
        let files: BTreeSet<&String> = all.iter().map(|schema| &schema.file).collect();
        assert_eq!(files.len(), all.len());
        let kinds: Vec<&String> = all.iter().flat_map(|schema| &schema.kinds).collect();
        let distinct: BTreeSet<&&String> = kinds.iter().collect();
        assert_eq!(distinct.len(), kinds.len());
    }

    #[test]
    fn what_every_event_says_is_required_of_those_of_mcpservers() {
        for schema in all()
            .iter()
            .filter(|schema| schema.file.starts_with("mcpserver"))
        {
            let text = schema.schema.to_string();
            for field in ["reason", "severity", "message"] {
                assert!(
                    text.contains(&format!("\"{field}\"")),
                    "{}: {field}",
                    schema.file
                );
            }
        }
    }
}
