//! kubectl, as a user types it.

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use crate::ns::Ns;

impl Ns {
    /// `kubectl -n NAMESPACE ARGS`; its standard output.
    ///
    /// # Errors
    /// kubectl is missing or says no; the error holds its whole message.
    pub async fn kubectl(&self, args: &[&str]) -> Result<String> {
        let command = self
            .cluster
            .cmd("kubectl")
            .args(["-n", &self.name])
            .args(args);
        let output = command.output().await?;
        ensure!(
            output.status.success(),
            "kubectl {}: {}",
            args.join(" "),
            output.stderr.trim()
        );
        Ok(output.stdout)
    }

    /// `kubectl apply -f` of one object.
    ///
    /// # Errors
    /// As [`Ns::kubectl`]; the refusal of a schema is in the message.
    pub async fn apply(&self, object: &impl Serialize) -> Result<String> {
        let file = tempfile::Builder::new().suffix(".json").tempfile()?;
        serde_json::to_writer(&file, object)?;
        let path = file
            .path()
            .to_str()
            .context("the temporary folder's name is not UTF-8")?;
        self.kubectl(&["apply", "-f", path]).await
    }

    /// `kubectl apply -f FILE`: a manifest as it stands in the project.
    ///
    /// # Errors
    /// As [`Ns::kubectl`].
    pub async fn apply_file(&self, path: &str) -> Result<String> {
        self.kubectl(&["apply", "-f", path]).await
    }
}
