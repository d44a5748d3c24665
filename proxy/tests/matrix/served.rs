//! The model as a process of its own. It is this very program, told by its environment which test to
//! run and which revision to be; what the test runner prints before is what many servers print too.

use std::io::{BufRead as _, Write as _, stdin, stdout};

use serde_json::Value;

use crate::{model::Model, revision::Revision};

/// The revision of a process that is a server.
pub(crate) const VARIABLE: &str = "HIVEWRIGHT_MATRIX_SERVER";

#[test]
#[ignore = "a server, started by the tests"]
fn over_stdio() {
    let Some(revision) = std::env::var(VARIABLE)
        .ok()
        .and_then(|name| Revision::named(&name))
    else {
        return;
    };
    let mut model = Model::new(revision);
    for line in stdin().lock().lines() {
        let line = line.expect("stdin is UTF-8");
        let message: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
        if message.is_null() {
            model.complain(format!("no JSON: {line}"));
            continue;
        }
        let mut out = stdout().lock();
        for said in model.hear(&message) {
            // The proxy may have gone.
            let _ = writeln!(out, "{}", said.message);
        }
        let _ = out.flush();
    }
}
