//! What this machine is: root or not, Debian or not, which programs it has.

use std::fs;
use std::path::{Path, PathBuf};

use crate::missing::Needs;
use crate::place::Place;

/// Where distributions keep their bundle of CA certificates.
const CA_BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Whether this process may chroot, mount and start daemons.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether this is Debian itself: its suites and keyrings are what the install script uses.
pub fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|text| names_debian(&text))
}

fn names_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| line.trim() == "ID=debian")
}

/// The machine's bundle of CA certificates.
pub fn ca_bundle() -> Option<&'static Path> {
    CA_BUNDLES.iter().map(Path::new).find(|path| path.is_file())
}

/// A program in our cache or on the PATH.
pub fn find(place: &Place, program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(place.bin())
        .chain(std::env::split_paths(&path))
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// One sentence if something cannot be built here.
pub fn unmet(place: &Place, needs: &Needs) -> Option<String> {
    needs.unmet(&|program| find(place, program).is_some(), is_root())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_debian_itself_is_debian() {
        assert!(names_debian("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(!names_debian("ID=ubuntu\nID_LIKE=debian\n"));
    }
}
