//! What is seen: on a desk and on a phone, light and dark.

use hivewright_harness::browser::Look;

use crate::visit::{ALONE, LIST, SERVER, Visit};

const VIEWS: [(&str, &str); 3] = [("list", LIST), ("server", SERVER), ("alone", ALONE)];

/// Past the window there is nothing, and no number is wider than its place.
const OVERFLOW: &str = "
    const wide = document.documentElement.scrollWidth > innerWidth;
    const seen = [...document.querySelectorAll('main *')].filter((one) => !one.closest('.unseen, thead'));
    const out = seen.filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 ||
        (one.matches('.number') && one.scrollWidth > one.clientWidth));
    return wide || out.length > 0 ? [wide, ...out.map((one) => one.outerHTML.slice(0, 200))] : [];";

async fn fits(look: Look, name: &str) {
    let visit = Visit::begin(look).await;
    for (view, path) in VIEWS {
        visit.open(path).await;
        visit.keep(&format!("{view}-{name}")).await;
        let out = visit.script(OVERFLOW).await;
        assert_eq!(out.as_array().map(Vec::len), Some(0), "{view}: {out:#}");
    }
    visit.nobody_complains().await;
}

#[tokio::test]
async fn every_page_fits_a_desk_in_the_light() {
    fits(Look::DESK, "desk-light").await;
}

#[tokio::test]
async fn every_page_fits_a_phone_in_the_dark() {
    fits(Look::PHONE.dark(), "phone-dark").await;
}
