//! A headless Chromium: what the status page is tried in and what draws pictures of pages.
//!
//! ```text
//!  ensure ──> Programs ──start──> chromedriver ──> Chromium (a profile of its own)
//!                                     ▲
//!  open, press, script, picture ──────┘  W3C WebDriver: JSON over HTTP on the loopback address
//! ```
//!
//! Both programs are the machine's own; on Debian as root they are installed from its packages.
//! Nothing is downloaded by the browser: it is started without any of its background services.
//!
//! The wire is spoken here rather than by a library: the known ones switch `serde_json` to another
//! map for everything that is built beside them, or bring licences and trees of their own, and what
//! is needed of it is six requests.

mod install;
#[cfg(feature = "browser")]
mod keys;
#[cfg(feature = "browser")]
mod look;
#[cfg(feature = "browser")]
mod program;
#[cfg(feature = "browser")]
mod session;
#[cfg(feature = "browser")]
mod wire;

pub use install::{InstallError, Programs, ensure, find};
#[cfg(feature = "browser")]
pub use keys::Key;
#[cfg(feature = "browser")]
pub use look::Look;
#[cfg(feature = "browser")]
pub use session::{Browser, BrowserError};
