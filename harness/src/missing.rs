//! One sentence for every program that can be missing: how to get it.

/// What to do when `program` is not installed.
pub fn advice(program: &str) -> &'static str {
    match program {
        "docker" | "dockerd" => {
            "install Docker Engine 25 or newer, or run as root on Debian, where it is installed for you"
        }
        "go" => {
            "install Go 1.26 or newer and put it on the PATH (kind, helm and the node image are built with it)"
        }
        "cc" => "install a C compiler (on Debian: apt-get install gcc libc6-dev)",
        "cargo" => "install Rust with rustup; the version is in rust-toolchain.toml",
        "debootstrap" => "install debootstrap (on Debian: apt-get install debootstrap)",
        "kind" => "install Go so that it can be built, or install kind itself",
        "helm" => "install Go so that it can be built, or install Helm 3 itself",
        "kubectl" => "run `make up`, which puts it into the cache, or install kubectl",
        "npm" => "install Node.js 20 or newer with npm (on Debian: apt-get install npm)",
        "python3" => "install Python 3.11 or newer with its venv module",
        "setsid" => "install util-linux",
        _ => "install it and run again",
    }
}

/// Why something cannot be built on this machine, before anything is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// What is to be built, for the sentence.
    pub what: &'static str,
    /// The programs that it takes.
    pub programs: &'static [&'static str],
    /// Whether it takes root (chroot, debootstrap).
    pub root: bool,
}

impl Needs {
    /// One sentence that names everything missing, or `None` when nothing is.
    pub fn unmet(&self, has: &dyn Fn(&str) -> bool, is_root: bool) -> Option<String> {
        let mut missing: Vec<String> = self
            .programs
            .iter()
            .filter(|program| !has(program))
            .map(|program| format!("{program} is not installed: {}", advice(program)))
            .collect();
        if self.root && !is_root {
            missing.push("building root file systems takes root: run it with sudo".to_owned());
        }
        if missing.is_empty() {
            return None;
        }
        Some(format!(
            "{} cannot be pulled and cannot be built here; {}",
            self.what,
            missing.join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Needs = Needs {
        what: "the node image",
        programs: &["go", "cc"],
        root: true,
    };

    #[test]
    fn nothing_missing_says_nothing() {
        assert_eq!(NODE.unmet(&|_| true, true), None);
    }

    #[test]
    fn everything_missing_is_in_one_sentence() {
        let sentence = NODE.unmet(&|_| false, false).expect("all is missing");
        for part in ["the node image", "install Go", "C compiler", "sudo"] {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
        assert_eq!(sentence.lines().count(), 1);
    }
}
