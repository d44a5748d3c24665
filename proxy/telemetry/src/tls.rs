//! Certificate trouble, told from every other reason why a call got no answer.

use std::{error::Error, io};

/// Whether a call failed at TLS: one end does not trust the other's certificate, or they could not
/// agree. Looks through everything that the error is wrapped in.
///
/// An [`io::Error`] hides what it holds from [`Error::source`], which gives the source of that; so
/// each is opened.
pub fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let held = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if error.is::<rustls::Error>() || held.is_some_and(|held| is_tls(held)) {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the request failed")]
    struct Wrapped(#[source] io::Error);

    #[test]
    fn a_certificate_that_is_not_trusted_is_found_however_deep_it_lies() {
        let cause = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let inner = io::Error::new(io::ErrorKind::InvalidData, cause);
        let error = Wrapped(io::Error::other(inner));
        assert!(is_tls(&error));
    }

    #[test]
    fn a_refused_connection_is_no_certificate_trouble() {
        let error = Wrapped(io::ErrorKind::ConnectionRefused.into());
        assert!(!is_tls(&error));
        assert!(!is_tls(&Wrapped(io::Error::other(error))));
    }
}
