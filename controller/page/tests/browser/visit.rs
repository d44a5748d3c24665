//! One browser at one stage.

use std::time::Duration;

use hivewright_harness::browser::{self, Browser, Look};
use hivewright_harness::place::Place;
use hivewright_page::{overview, server};
use serde_json::Value;

use crate::site::Stage;
use crate::stage;

/// Longest time for what takes one update of the page and a bit.
pub(crate) const SOON: Duration = Duration::from_secs(15);

/// A browser, and what it looks at.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) browser: Browser,
    pub(crate) stage: Stage,
    pub(crate) place: Place,
}

/// The list, and two servers.
pub(crate) const LIST: &str = "/";
pub(crate) const SERVER: &str = "/servers/payments/github";
pub(crate) const ALONE: &str = "/alone/";

impl Visit {
    /// Everything of the stage is there, and nothing is open yet.
    pub(crate) async fn begin(look: Look) -> Self {
        let place = Place::from_env().expect("HOME or HIVEWRIGHT_CACHE is set");
        let programs = browser::find(&place);
        let programs = programs.expect("Chromium is there; `make check` sees to it");
        let browser = Browser::start(&programs, look).await.expect("it starts");
        let stage = Stage::open().await;
        stage.put(LIST, overview(&stage::overview()));
        stage.put(SERVER, server(&stage::server()));
        stage.put(
            ALONE,
            server(&stage::alone()).replace("\"./assets/", "\"/assets/"),
        );
        Self {
            browser,
            stage,
            place,
        }
    }

    pub(crate) async fn open(&self, path: &str) {
        let url = self.stage.url(path);
        self.browser.open(&url).await.expect("it loads");
    }

    /// What the body of a function gives in the page.
    pub(crate) async fn script(&self, body: &str) -> Value {
        self.browser
            .script(body, Value::Null)
            .await
            .expect("it runs")
    }

    pub(crate) async fn until(&self, body: &str) {
        self.browser
            .until(body, SOON)
            .await
            .expect("it comes to that");
    }

    /// No script failed, nothing was refused by the content security policy, no file is missing.
    pub(crate) async fn nobody_complains(&self) {
        let complaints = self.browser.complaints().await.expect("they are told");
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    /// Keeps a picture for people.
    pub(crate) async fn keep(&self, name: &str) {
        let picture = self.browser.picture().await.expect("it is taken");
        let folder = self.place.cache.join("pages");
        std::fs::create_dir_all(&folder).expect("the cache can be written");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("the same");
    }
}
