//! The browser does what is asked of it, and leaves no process behind.
#![cfg(feature = "browser")]

use std::time::Duration;

use hivewright_harness::browser::{self, Browser, BrowserError, Key, Look};
use hivewright_harness::place::Place;
use serde_json::{Value, json};

const PAGE: &str = "<!doctype html><title>Try</title>
<style>body { background: white } @media (prefers-color-scheme: dark) { body { background: black } }</style>
<a id=one href='#1'>one</a> <a id=two href='#2'>two</a> <div style='height: 3000px'></div>";

async fn start(look: Look) -> Browser {
    let place = Place::from_env().expect("HOME or HIVEWRIGHT_CACHE is set");
    let programs = browser::find(&place);
    let programs = programs.expect("Chromium is there; `make check` sees to it");
    Browser::start(&programs, look).await.expect("it starts")
}

async fn text(browser: &Browser, script: &str) -> Value {
    browser.script(script, Value::Null).await.expect("it runs")
}

#[tokio::test]
async fn a_page_is_shown_as_wide_and_as_dark_as_asked_for() {
    let browser = start(Look::PHONE.dark()).await;
    browser.open_html(PAGE).await.expect("it loads");
    assert_eq!(text(&browser, "return innerWidth").await, 360);
    let colour = "return getComputedStyle(document.body).backgroundColor";
    assert_eq!(text(&browser, colour).await, "rgb(0, 0, 0)");
    browser.look(Look::DESK).await.expect("it looks otherwise");
    assert_eq!(text(&browser, "return innerWidth").await, 1280);
    assert_eq!(text(&browser, colour).await, "rgb(255, 255, 255)");
}

#[tokio::test]
async fn a_picture_is_a_png_of_the_whole_page() {
    let browser = start(Look::DESK).await;
    browser.open_html(PAGE).await.expect("it loads");
    let picture = browser.picture().await.expect("it is taken");
    assert_eq!(picture[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("four"));
    assert_eq!(number(16), 1280);
    assert!(number(20) > 3000, "{} high", number(20));
}

#[tokio::test]
async fn keys_move_the_focus_there_and_back() {
    let browser = start(Look::DESK).await;
    browser.open_html(PAGE).await.expect("it loads");
    let focus = "return document.activeElement.id";
    for (key, on) in [(Key::Tab, "one"), (Key::Tab, "two"), (Key::BackTab, "one")] {
        browser.press(key).await.expect("it is pressed");
        assert_eq!(text(&browser, focus).await, on);
    }
    browser.press(Key::Enter).await.expect("it is pressed");
    assert_eq!(text(&browser, "return location.hash").await, "#1");
}

#[tokio::test]
async fn what_a_page_complains_of_is_told_and_what_it_never_becomes_too() {
    let browser = start(Look::DESK).await;
    let page = "<script>setTimeout(() => { throw new Error('broken on purpose') })</script>";
    browser.open_html(page).await.expect("it loads");
    let never = browser.until("return false", Duration::from_millis(50));
    let never = never.await.expect_err("it never does");
    assert!(matches!(never, BrowserError::NotReached { .. }), "{never}");
    let complaints = browser.complaints().await.expect("they are told");
    assert!(
        complaints[0].contains("broken on purpose"),
        "{complaints:?}"
    );
    let arguments = json!([[1, 2], 3]);
    let sum = browser.script("return arguments[0][1] + arguments[1]", arguments);
    assert_eq!(sum.await.expect("it runs"), 5);
}

#[tokio::test]
async fn nothing_runs_on_after_the_browser_is_dropped() {
    let browser = start(Look::DESK).await;
    let process = browser.process().expect("the driver tells it");
    let runs = || std::fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
    assert!(runs().contains("--headless"), "{}", runs());
    drop(browser);
    for _ in 0..100 {
        if runs().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!("process {process} still runs");
}
