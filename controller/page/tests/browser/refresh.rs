//! The page keeps itself up to date, and nobody loses their place by it.

use axum::http::StatusCode;
use hivewright_harness::browser::{Key, Look};
use hivewright_page::model::{Entry, Health, Overview, Tone};
use hivewright_page::{overview, problem, server};

use crate::stage;
use crate::visit::{LIST, SERVER, Visit};

/// A stage on which one server has recovered, and come to another place.
fn recovered() -> Overview {
    let mut page = stage::overview();
    let mut row = page.rows.remove(0);
    row.health = Health::Ready;
    row.restarts = 18;
    page.rows.push(row);
    page.tally = vec![
        (Health::Failed, 0),
        (Health::Pending, 1),
        (Health::Ready, 3),
    ];
    page
}

/// The server's row as it is seen.
const ROW: &str = "document.getElementById('s-payments/github').innerText";

#[tokio::test]
async fn an_update_shows_what_is_new_and_leaves_focus_and_input_alone() {
    let visit = Visit::begin(Look::DESK).await;
    visit.open(LIST).await;
    visit
        .script("document.getElementById('q').value = 'half a wo'")
        .await;
    let mark = "document.getElementById('a-payments/github').focus(); window.here = document.activeElement";
    visit.script(mark).await;
    visit.stage.put(LIST, overview(&recovered()));
    visit
        .until(&format!(
            "return {ROW}.includes('Ready') && {ROW}.includes('18')"
        ))
        .await;
    let kept = visit
        .script("return document.activeElement === window.here && document.contains(window.here)");
    assert_eq!(kept.await, true, "the focus has moved");
    assert_eq!(
        visit
            .script("return document.getElementById('q').value")
            .await,
        "half a wo"
    );
    assert_eq!(
        visit.script("return document.title").await,
        "MCP servers – Hivewright"
    );
    let said = visit
        .script("return document.getElementById('sum').textContent")
        .await;
    assert_eq!(said, "Servers: 1 pending, 3 ready.");
    visit.nobody_complains().await;
}

#[tokio::test]
async fn an_update_moves_nothing_that_is_not_new() {
    let visit = Visit::begin(Look::PHONE).await;
    visit.open(SERVER).await;
    let watch = "window.jumps = 0; new PerformanceObserver((list) => {
        for (const one of list.getEntries()) window.jumps += one.value;
    }).observe({ type: 'layout-shift', buffered: true }); scrollTo(0, 300)";
    visit.script(watch).await;
    let mut page = stage::server();
    page.site.now = stage::at("23T14:03:27");
    visit.stage.put(SERVER, server(&page));
    visit
        .until("return document.getElementById('updated').textContent.includes('14:03:27')")
        .await;
    assert_eq!(
        visit.script("return [window.jumps, scrollY]").await,
        serde_json::json!([0, 300])
    );
}

#[tokio::test]
async fn a_new_event_comes_in_above_and_the_old_ones_stay_what_they_were() {
    let visit = Visit::begin(Look::DESK).await;
    visit.open(SERVER).await;
    visit
        .script("window.old = document.getElementById('e-41')")
        .await;
    let mut page = stage::server();
    let fresh = Entry {
        sequence: 42,
        time: stage::at("23T14:03:25"),
        tone: Tone::Good,
        reason: "Ready".to_owned(),
        text: "The server became ready.".to_owned(),
    };
    page.timeline.entries.insert(0, fresh);
    visit.stage.put(SERVER, server(&page));
    visit
        .until("return document.getElementById('e-42') !== null")
        .await;
    let order = "return document.getElementById('e-42').nextElementSibling === window.old";
    assert_eq!(visit.script(order).await, true);
}

#[tokio::test]
async fn what_cannot_be_updated_says_so_and_stays_readable() {
    let visit = Visit::begin(Look::DESK).await;
    visit.open(LIST).await;
    let site = stage::overview().site;
    let refusal = problem(
        &site,
        "Not signed in",
        "The token has expired; get a new one.",
    );
    visit.stage.answer(LIST, StatusCode::UNAUTHORIZED, refusal);
    let told = "const told = document.getElementById('stale'); return !told.hidden && told.textContent.includes";
    visit
        .until(&format!("{told}('Not signed in: The token has expired')"))
        .await;
    visit.keep("list-stale").await;
    assert_eq!(
        visit
            .script(&format!("return {ROW}.includes('Failed')"))
            .await,
        true
    );
    visit.stage.put(LIST, overview(&recovered()));
    visit
        .until("return document.getElementById('stale').hidden")
        .await;
    visit.stage.close();
    visit.until(&format!("{told}('nothing answers')")).await;
    assert_eq!(
        visit
            .script(&format!("return {ROW}.includes('Ready')"))
            .await,
        true
    );
}

#[tokio::test]
async fn who_pauses_sees_nothing_new_until_they_go_on() {
    let visit = Visit::begin(Look::DESK).await;
    visit.open(LIST).await;
    visit
        .script("document.getElementById('pause').focus()")
        .await;
    visit
        .browser
        .press(Key::Space)
        .await
        .expect("it is pressed");
    visit.stage.put(LIST, overview(&recovered()));
    tokio::time::sleep(4 * stage::PERIOD).await;
    let pressed = "return document.getElementById('pause').getAttribute('aria-pressed')";
    assert_eq!(visit.script(pressed).await, "true");
    assert_eq!(
        visit
            .script(&format!("return {ROW}.includes('Failed')"))
            .await,
        true
    );
    visit
        .browser
        .press(Key::Space)
        .await
        .expect("it is pressed");
    visit
        .until(&format!("return {ROW}.includes('Ready')"))
        .await;
}

#[tokio::test]
async fn without_scripts_the_page_says_all_of_it() {
    let visit = Visit::begin(Look::DESK).await;
    let off = serde_json::json!({ "value": true });
    visit
        .browser
        .devtools("Emulation.setScriptExecutionDisabled", &off)
        .await
        .expect("it is off");
    visit.open(SERVER).await;
    let hidden =
        visit.script("return getComputedStyle(document.getElementById('pause')).visibility");
    assert_eq!(
        hidden.await,
        "hidden",
        "a button that does nothing is not shown"
    );
    let text = visit
        .script("return document.querySelector('main').innerText")
        .await;
    let text = text.as_str().expect("it is text");
    for part in [
        "Failed",
        "130,035",
        "GITHUB_PERSONAL_ACCESS_TOKEN",
        "The StatefulSet was written.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
