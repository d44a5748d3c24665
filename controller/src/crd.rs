//! `hivewright-controller crd`: the CustomResourceDefinition as YAML, made from the Rust types.

use std::io::Write;

/// Why the definition could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not fit into YAML.
    #[error("the CustomResourceDefinition cannot be written as YAML")]
    Yaml(#[source] serde_yaml_ng::Error),
    /// The output does not take it.
    #[error("the CustomResourceDefinition cannot be printed; is the output full or closed?")]
    Print(#[source] std::io::Error),
}

/// The definition, as the chart `hivewright-crds` ships it.
///
/// # Errors
/// [`Error::Yaml`].
pub fn yaml() -> Result<String, Error> {
    serde_yaml_ng::to_string(&hivewright_api::crd()).map_err(Error::Yaml)
}

/// Writes the definition to `out`.
///
/// # Errors
/// When it cannot be made or `out` does not take it.
pub fn print(out: &mut impl Write) -> Result<(), Error> {
    out.write_all(yaml()?.as_bytes()).map_err(Error::Print)
}
