//! Our own binaries, linked statically: one cargo run for all of them, so that shared crates are
//! compiled once and the same features give the same bytes every time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::ImageError;
use super::record::Record;
use super::scratch::{self, Content};
use crate::machine;
use crate::place::Place;
use crate::stamp::Stamp;
use crate::step::{Done, Log};

/// Time for a cold release build with thin LTO: 5 min on two free cores.
const BUILD_BOUND: Duration = Duration::from_mins(45);

/// The outside world: pages, and the stand-ins of two APIs.
pub const WORLD: &str = "hivewright.test/world";

/// The server that the official conformance suite looks for.
pub const CONFORMANCE: &str = "hivewright.test/conformance";

/// A binary of the workspace that becomes an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binary<'a> {
    /// The cargo package.
    pub package: &'a str,
    /// The binary in it.
    pub bin: &'a str,
    /// The image's name without a tag.
    pub image: &'a str,
}

/// Every image that is made from this tree: what is shipped, under the names that the chart has by
/// default, and what the scenarios run in the cluster.
pub const OWN: [Binary<'static>; 6] = [
    Binary {
        package: "hivewright-controller",
        bin: "hivewright-controller",
        image: "ghcr.io/hivewright/controller",
    },
    Binary {
        package: "hivewright-proxy",
        bin: "hivewright-proxy",
        image: "ghcr.io/hivewright/proxy",
    },
    Binary {
        package: "hivewright-e2e",
        bin: "echo-server",
        image: "hivewright.test/echo",
    },
    Binary {
        package: "hivewright-e2e",
        bin: "world",
        image: WORLD,
    },
    Binary {
        package: "hivewright-e2e",
        bin: "load",
        image: "hivewright.test/load",
    },
    Binary {
        package: "hivewright-e2e",
        bin: "conformance-fixture",
        image: CONFORMANCE,
    },
];

/// Builds the binaries and makes an image of each. All get one tag, the hash of all of them: whoever
/// installs or tests needs to be told one word.
pub(super) async fn ensure(
    place: &Place,
    binaries: &[Binary<'_>],
    log: &Log,
) -> Result<Done<Record>, ImageError> {
    let built = build(place, binaries, log).await?;
    let certificates = machine::ca_bundle().ok_or(ImageError::NoCertificates)?;
    let mut contents = Vec::new();
    let mut stamp = Stamp::new().text(scratch::RECIPE).file(certificates)?;
    for binary in binaries {
        let path = built
            .get(binary.bin)
            .ok_or_else(|| ImageError::NoBinary(binary.bin.to_owned()))?;
        stamp = stamp.file(path)?;
        let content = Content {
            bin: binary.bin,
            path,
            certificates,
        };
        contents.push((binary.image, content));
    }
    let tag = stamp.hex();
    let mut record = Record::default();
    for (image, content) in contents {
        scratch::ensure(place, &content, image, &tag, log).await?;
        record.insert(format!("{image}:{tag}"));
    }
    Ok(Done::new(
        record,
        format!("{} with tag {tag}", binaries.len()),
    ))
}

pub(super) async fn build(
    place: &Place,
    binaries: &[Binary<'_>],
    log: &Log,
) -> Result<BTreeMap<String, PathBuf>, ImageError> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut cargo = place
        .cmd("cargo")
        .args([
            "build",
            "--release",
            "--locked",
            "--message-format=json-render-diagnostics",
        ])
        .args(["--target", &target])
        // glibc linked in: the image needs nothing else. With --target, build scripts keep the
        // machine's flags.
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .bound(BUILD_BOUND);
    for binary in binaries {
        cargo = cargo.args(["-p", binary.package, "--bin", binary.bin]);
    }
    Ok(executables(&cargo.logged(log.file()).await?))
}

/// Where cargo put each binary, from its messages: the target directory is the user's to choose.
pub(crate) fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for line in messages.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let name = message["target"]["name"].as_str();
        if let (Some(name), Some(path)) = (name, message["executable"].as_str()) {
            found.insert(name.to_owned(), PathBuf::from(path));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_read_from_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"a"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"hivewright-proxy"},"executable":"/t/release/hivewright-proxy"}"#,
            "\nnot json\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let found = executables(messages);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found["hivewright-proxy"],
            PathBuf::from("/t/release/hivewright-proxy")
        );
    }

    #[test]
    fn the_shipped_images_have_the_names_that_the_chart_installs() {
        let values = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../charts/hivewright/values.yaml"
        );
        let values = std::fs::read_to_string(values).expect("readable");
        for binary in &OWN[..2] {
            assert!(
                values.contains(&format!("repository: {}\n", binary.image)),
                "{}",
                binary.image
            );
        }
    }
}
