//! A page that says why there is none.

use maud::html;

use crate::model::Site;
use crate::shell;

/// `title` in a few words, `sentence` with what to do about it.
pub fn problem(site: &Site, title: &str, sentence: &str) -> String {
    let main = html! {
        div.title.bad {
            h1 { (title) }
            p.sentence { (sentence) }
        }
        p { a #to-list href=(site.root) { "To the list of servers" } }
    };
    shell::document(site, title, &main)
}
