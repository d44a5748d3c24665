//! Everything can be reached and done with keys alone, and one always sees where one is.

use hivewright_harness::browser::{Key, Look};

use crate::visit::{LIST, SERVER, Visit};

/// The focus, and whether it is seen: an outline of 3 px that is inside the window.
const FOCUS: &str = "
    const one = document.activeElement;
    const style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3 && box.top >= 0 && box.bottom <= innerHeight;
    return [one.id || one.textContent.trim(), seen];";

async fn stops(visit: &Visit, most: usize) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..most {
        visit.browser.press(Key::Tab).await.expect("it is pressed");
        let focus = visit.script(FOCUS).await;
        let name = focus[0].as_str().unwrap_or_default().to_owned();
        // After the last one the focus goes to the browser's own controls.
        if visit
            .script("return document.activeElement === document.body")
            .await
            == true
        {
            break;
        }
        assert_eq!(focus[1], true, "the focus on {name:?} is not seen");
        all.push(name);
    }
    all
}

#[tokio::test]
async fn tab_goes_through_the_list_in_the_order_in_which_it_is_read() {
    let visit = Visit::begin(Look::DESK).await;
    visit.open(LIST).await;
    let stops = stops(&visit, 30).await;
    let expected = [
        "To the content",
        "Hivewright",
        "pause",
        "h-all",
        "h-Failed",
        "h-Pending",
        "h-Ready",
        "h-Terminating",
        "h-Stopped",
        "q",
        "namespace",
        "Show",
        "a-payments/github",
    ];
    assert_eq!(stops[..expected.len()], expected);
    assert_eq!(stops.len(), expected.len() + 5, "one stop a server");
}

#[tokio::test]
async fn from_the_list_to_a_server_and_back_takes_two_keys() {
    let visit = Visit::begin(Look::PHONE).await;
    visit.open(LIST).await;
    visit
        .script("document.getElementById('a-payments/github').focus()")
        .await;
    visit
        .browser
        .press(Key::Enter)
        .await
        .expect("it is pressed");
    visit
        .until("return location.pathname === '/servers/payments/github'")
        .await;
    visit
        .script("document.getElementById('to-list').focus()")
        .await;
    visit
        .browser
        .press(Key::Enter)
        .await
        .expect("it is pressed");
    visit.until("return location.pathname === '/'").await;
}

#[tokio::test]
async fn the_first_stop_skips_to_the_content() {
    let visit = Visit::begin(Look::DESK).await;
    visit.open(SERVER).await;
    visit.browser.press(Key::Tab).await.expect("it is pressed");
    visit
        .browser
        .press(Key::Enter)
        .await
        .expect("it is pressed");
    assert_eq!(
        visit.script("return document.activeElement.id").await,
        "main"
    );
    visit.browser.press(Key::Tab).await.expect("it is pressed");
    assert_eq!(
        visit.script("return document.activeElement.id").await,
        "to-list"
    );
}
