//! The authority that the servers' images trust, and the one certificate that it signs.
//!
//! The authority's key never leaves memory and is gone when the certificate is made; what it may sign
//! is limited to the stand-ins' names (RFC 5280, section 4.2.1.10). So an image that trusts it gives
//! nothing away, wherever it ends up.

use std::{fs, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::{Context as _, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};

use super::names::NAMES;

/// The authority's certificate, for trust stores.
pub const AUTHORITY: &str = "ca.crt";
/// The stand-ins' certificate, under the name that a Secret of type kubernetes.io/tls has for it.
pub const CERTIFICATE: &str = "tls.crt";
/// Its key, likewise.
pub const KEY: &str = "tls.key";

/// First and last year of both certificates: the images that hold them live in caches.
const YEARS: (i32, i32) = (2025, 2055);

/// The three files.
#[derive(Debug)]
pub struct Certificates {
    /// [`AUTHORITY`], PEM.
    pub authority: String,
    /// [`CERTIFICATE`], PEM.
    pub certificate: String,
    /// [`KEY`], PEM.
    pub key: String,
}

/// Makes an authority, has it sign one certificate for all [`NAMES`], and forgets its key.
///
/// # Errors
/// The machine gives no random numbers.
pub fn make() -> Result<Certificates> {
    let authority_key = KeyPair::generate()?;
    let authority = authority()?;
    let certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate()?;
    let leaf = leaf()?.signed_by(&key, &issuer)?;
    Ok(Certificates {
        authority: certificate.pem(),
        certificate: leaf.pem(),
        key: key.serialize_pem(),
    })
}

/// Makes them and writes them into `folder`; the key is for its owner's eyes alone.
///
/// # Errors
/// As [`make`], or the folder cannot be written to.
pub fn write(folder: &Path) -> Result<()> {
    let made = make()?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join(AUTHORITY), made.authority))
        .and_then(|()| fs::write(folder.join(CERTIFICATE), made.certificate))
        .and_then(|()| {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(folder.join(KEY))?;
            std::io::Write::write_all(&mut file, made.key.as_bytes())
        })
        .with_context(|| format!("{} cannot be written to", folder.display()))
}

fn authority() -> Result<CertificateParams> {
    let mut params = dated("Hivewright scenarios: authority of the stand-ins")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let names = NAMES.map(|name| GeneralSubtree::DnsName(name.to_owned()));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: names.to_vec(),
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

fn leaf() -> Result<CertificateParams> {
    let mut params = dated("Hivewright scenarios: stand-ins")?;
    for name in NAMES {
        params
            .subject_alt_names
            .push(rcgen::SanType::DnsName(name.try_into()?));
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // OpenSSL's strict checks, which Python asks for, want it.
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn dated(name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(YEARS.0, 1, 1);
    params.not_after = date_time_ymd(YEARS.1, 1, 1);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn each_authority_is_another_and_its_key_is_not_written() {
        let (one, two) = (make().unwrap(), make().unwrap());
        assert_ne!(one.authority, two.authority);
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, [AUTHORITY, CERTIFICATE, KEY]);
        let mode = fs::metadata(folder.path().join(KEY)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}
