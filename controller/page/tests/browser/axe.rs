//! The rules of WCAG that a program can check, by axe-core: in light and dark, wide and narrow.

use hivewright_harness::browser::Look;
use hivewright_harness::npm;
use hivewright_page::problem;
use serde_json::Value;

use crate::stage;
use crate::visit::{ALONE, LIST, SERVER, Visit};

/// Only what is wrong, with the elements that are.
const RUN: &str = "
    const done = await axe.run(document, { resultTypes: ['violations'] });
    return done.violations.map((one) => [one.id, one.help, ...one.nodes.map((node) => node.html + node.failureSummary)]);";

async fn nothing_is_found(look: Look) {
    let visit = Visit::begin(look).await;
    let folder = npm::find(&visit.place, &npm::AXE).expect("the pins can be read");
    let folder = folder.expect("axe-core is there; `make check` sees to it");
    let rules = folder.join("node_modules/axe-core/axe.min.js");
    let rules = std::fs::read_to_string(rules).expect("it is part of the package");
    let refusal = problem(&stage::overview().site, "Not allowed", "Ask somebody.");
    visit.stage.put("/problem", refusal);
    visit
        .stage
        .put("/empty", hivewright_page::overview(&stage::empty()));
    for path in [LIST, SERVER, ALONE, "/problem", "/empty"] {
        visit.open(path).await;
        let run = format!("{rules};\nreturn (async () => {{ {RUN} }})();");
        let found: Value = visit.script(&run).await;
        assert_eq!(found, serde_json::json!([]), "{path}: {found:#}");
    }
}

#[tokio::test]
async fn axe_finds_nothing_on_a_desk() {
    nothing_is_found(Look::DESK).await;
}

#[tokio::test]
async fn axe_finds_nothing_on_a_desk_in_the_dark() {
    nothing_is_found(Look::DESK.dark()).await;
}

#[tokio::test]
async fn axe_finds_nothing_on_a_phone() {
    nothing_is_found(Look::PHONE).await;
}
