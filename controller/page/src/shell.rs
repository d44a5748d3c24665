//! The document around each page.

use maud::{DOCTYPE, Markup, html};

use crate::assets::{self, Asset};
use crate::mark;
use crate::model::Site;
use crate::words;

/// A whole document. `title` comes first in the tab, so that many of them can be told apart.
pub(crate) fn document(site: &Site, title: &str, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(site, title))
            body data-period=(site.period.as_millis()) {
                a.skip href="#main" { "To the content" }
                (banner(site))
                main #main tabindex="-1" { (main) }
                (foot(site))
            }
        }
    };
    page.into_string()
}

fn head(site: &Site, title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="robots" content="noindex";
            title { (title) " – Hivewright" }
            link rel="stylesheet" href=(link(site, assets::style()));
            link rel="icon" type="image/svg+xml" href=(link(site, assets::icon()));
            script src=(link(site, assets::script())) defer {}
        }
    }
}

/// The name, and how current the page is. The button does nothing without the script, which shows it.
fn banner(site: &Site) -> Markup {
    html! {
        header.banner {
            a.brand href=(site.root) {
                img src=(link(site, assets::icon())) alt="" width="24" height="24";
                "Hivewright"
            }
            div.fresh {
                p #updated { "Updated " time datetime=(words::second(site.now)) { (words::clock(site.now)) } " UTC" }
                button #pause.quiet type="button" aria-pressed="false" hidden { "Pause updates" }
            }
        }
        p #stale role="alert" hidden {}
    }
}

fn foot(site: &Site) -> Markup {
    html! {
        footer {
            p { (site.served_by) ". All times are UTC." }
        }
    }
}

/// Sentences about what is wrong with the page itself.
pub(crate) fn notes(notes: &[String]) -> Markup {
    html! {
        @for note in notes {
            p.note { (mark::alarm()) span { (note) } }
        }
    }
}

fn link(site: &Site, (asset, digest): (Asset, u64)) -> String {
    format!("{}assets/{}?v={digest:016x}", site.root, asset.name)
}
