//! One browser with one window.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use super::program::{Driver, kill_group};
use super::wire::{Wire, WireError};
use super::{Key, Look, Programs};

/// How often a page is asked whether it is as far as wanted.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// Flags of the browser, beside its profile: without a screen, without its sandbox (which root cannot
/// have), without anything that would call out.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
];

/// Why the browser did not do it.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The driver could not be started.
    #[error("the driver of the browser could not be started")]
    Start(#[source] std::io::Error),
    /// The driver ended or hung.
    #[error(
        "chromedriver ended before it listened; run it by hand to see why, and see that it and \
         Chromium have the same version"
    )]
    NoDriver,
    /// A file for it could not be written.
    #[error("the temporary directory could not be written")]
    File(#[source] std::io::Error),
    /// The driver could not be asked, or refused.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The answer has another shape than the standard says.
    #[error("the driver answered {0} with something else than the WebDriver standard says")]
    Shape(&'static str),
    /// The page did not become as wanted.
    #[error("within {seconds} s the page did not come to: {wanted}")]
    NotReached {
        /// The script that never gave true.
        wanted: String,
        /// How long was waited.
        seconds: f64,
    },
}

/// A browser with one window; it and its driver are killed when dropped.
#[derive(Debug)]
pub struct Browser {
    wire: Wire,
    session: String,
    process: Option<u32>,
    _driver: Driver,
    home: TempDir,
}

impl Browser {
    /// Starts one, with a profile that is used once.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(programs: &Programs, look: Look) -> Result<Self, BrowserError> {
        let home = tempfile::tempdir().map_err(BrowserError::File)?;
        let driver = Driver::start(&programs.driver, home.path()).await;
        let driver = driver.map_err(BrowserError::Start)?;
        let driver = driver.ok_or(BrowserError::NoDriver)?;
        let wire = Wire::new(driver.at);
        let wanted = capabilities(&programs.browser, &home.path().join("profile"));
        let made = wire.ask(Method::POST, "/session", Some(&wanted)).await?;
        let session = made["sessionId"].as_str();
        let session = session.ok_or(BrowserError::Shape("a new session"))?;
        let process = made["capabilities"]["goog:processID"].as_u64();
        let browser = Self {
            wire,
            session: format!("/session/{session}"),
            process: process.and_then(|id| u32::try_from(id).ok()),
            _driver: driver,
            home,
        };
        browser.look(look).await?;
        Ok(browser)
    }

    /// The browser's process, where the driver tells it.
    pub fn process(&self) -> Option<u32> {
        self.process
    }

    /// Opens an address and waits until it has loaded.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn open(&self, url: &str) -> Result<(), BrowserError> {
        self.post("/url", json!({ "url": url })).await.map(drop)
    }

    /// Opens a document that is nowhere yet.
    ///
    /// # Errors
    /// When it cannot be written down or loaded.
    pub async fn open_html(&self, html: &str) -> Result<(), BrowserError> {
        let file = self.home.path().join("page.html");
        std::fs::write(&file, html).map_err(BrowserError::File)?;
        self.open(&format!("file://{}", file.display())).await
    }

    /// Shows pages otherwise from now on.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn look(&self, look: Look) -> Result<(), BrowserError> {
        for (command, params) in look.commands() {
            self.devtools(command, &params).await?;
        }
        Ok(())
    }

    /// Presses a key and lets it go.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn press(&self, key: Key) -> Result<(), BrowserError> {
        let held = key.held();
        let down = held
            .iter()
            .map(|key| json!({ "type": "keyDown", "value": key }));
        let up = held
            .iter()
            .rev()
            .map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = down.chain(up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", json!({ "actions": [keyboard] }))
            .await
            .map(drop)
    }

    /// Runs the body of a function in the page, with `arguments`, and gives what it returns; a promise
    /// is waited for.
    ///
    /// # Errors
    /// When it throws.
    pub async fn script(&self, body: &str, arguments: Value) -> Result<Value, BrowserError> {
        let arguments = match arguments {
            Value::Array(all) => Value::Array(all),
            Value::Null => json!([]),
            one => json!([one]),
        };
        self.post(
            "/execute/sync",
            json!({ "script": body, "args": arguments }),
        )
        .await
    }

    /// Waits until the body of a function gives true in the page.
    ///
    /// # Errors
    /// When it throws, or its time is up.
    pub async fn until(&self, body: &str, within: Duration) -> Result<(), BrowserError> {
        let start = Instant::now();
        while self.script(body, Value::Null).await? != Value::Bool(true) {
            if start.elapsed() >= within {
                return Err(BrowserError::NotReached {
                    wanted: body.to_owned(),
                    seconds: within.as_secs_f64(),
                });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// The whole page as a PNG, also what is below the window.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn picture(&self) -> Result<Vec<u8>, BrowserError> {
        let params = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.devtools("Page.captureScreenshot", &params).await?;
        let shape = BrowserError::Shape("Page.captureScreenshot");
        let Some(data) = picture["data"].as_str() else {
            return Err(shape);
        };
        BASE64_STANDARD.decode(data).map_err(|_| shape)
    }

    /// What the page has complained about since the last call: errors of its scripts, refusals by its
    /// content security policy, files that are not there.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn complaints(&self) -> Result<Vec<String>, BrowserError> {
        let log = self.post("/se/log", json!({ "type": "browser" })).await?;
        let entries = log.as_array().map(Vec::as_slice).unwrap_or_default();
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        let said = bad.filter_map(|entry| entry["message"].as_str());
        Ok(said.map(str::to_owned).collect())
    }

    /// A command of the Chrome DevTools protocol.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn devtools(&self, command: &str, params: &Value) -> Result<Value, BrowserError> {
        self.post(
            "/goog/cdp/execute",
            json!({ "cmd": command, "params": params }),
        )
        .await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, BrowserError> {
        let path = format!("{}{path}", self.session);
        Ok(self.wire.ask(Method::POST, &path, Some(&body)).await?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver starts the browser in a group of its own.
        kill_group(self.process);
    }
}

fn capabilities(browser: &Path, profile: &Path) -> Value {
    let mut args: Vec<String> = FLAGS.map(str::to_owned).to_vec();
    args.push(format!("--user-data-dir={}", profile.display()));
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": browser, "args": args },
        "goog:loggingPrefs": { "browser": "ALL" },
    }}})
}
