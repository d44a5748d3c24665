//! The page in a headless Chromium: as people meet it.
//!
//! ```text
//!  stage (models) ──> site (HTTP, with the headers that the real servers send) ──> Chromium
//!     └── changed in the middle of a test: what a refresh does
//! ```
//!
//! Pictures of every view stay under `pages` of the harness's cache, for people to look at.

mod axe;
mod keyboard;
mod looks;
mod refresh;
mod site;
mod stage;
mod visit;
