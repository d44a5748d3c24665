//! Tells the hub of a connection to the server that broke and was mended.

use std::time::Duration;

use hivewright_bridge::io::{FromServer, Input};

use super::Bridge;

impl Bridge {
    /// The way to the process broke and was mended. What was handed over between these times before
    /// now may not have arrived; calls among it fail unless the server shows in time that it has
    /// them.
    pub fn server_unsure(&self, from: Duration, until: Duration) {
        self.locked(|core, outer| {
            if core.has_server() {
                core.step(outer, Input::Server(FromServer::Unsure { from, until }));
            }
        });
    }
}
