//! A throw-away certificate authority and the servers' certificate under it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::account::Account;
use crate::error::{Context, Result};
use crate::files;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// macOS refuses certificates that live longer than 825 days.
const LIFETIME: Duration = DAY.saturating_mul(365);
const RENEWAL_AGE: Duration = DAY.saturating_mul(300);

/// Three files in one directory; the authority's own key is never written.
pub(crate) struct Certificates {
    /// The authority's certificate, which clients trust.
    pub(crate) authority: PathBuf,
    /// The certificate of both servers.
    pub(crate) server: PathBuf,
    /// The servers' private key, mode 0600.
    pub(crate) server_key: PathBuf,
}

impl Certificates {
    /// The certificates kept in `directory`, made anew when they near their end.
    pub(crate) fn open(directory: &Path, account: Option<&Account>) -> Result<Self> {
        let certificates = Self {
            authority: directory.join("ca.pem"),
            server: directory.join("server.pem"),
            server_key: directory.join("server.key"),
        };
        if !certificates.are_fresh() {
            certificates.make(account)?;
        }
        Ok(certificates)
    }

    fn are_fresh(&self) -> bool {
        [&self.authority, &self.server_key, &self.server]
            .into_iter()
            .all(|path| {
                fs::metadata(path)
                    .and_then(|metadata| metadata.modified())
                    .is_ok_and(|made| made.elapsed().is_ok_and(|age| age < RENEWAL_AGE))
            })
    }

    fn make(&self, account: Option<&Account>) -> Result<()> {
        let (authority, certificate, key) = generate().context(|| "cannot make a certificate")?;
        // The server's certificate is removed first and written last, so that
        // `are_fresh` notices a crash in between.
        files::remove(&self.server)?;
        files::write(&self.authority, &authority, 0o644, None)?;
        files::write(&self.server_key, &key, 0o600, account)?;
        files::write(&self.server, &certificate, 0o644, account)
    }
}

fn generate() -> Result<(String, String, String), rcgen::Error> {
    let now = SystemTime::now();

    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, "todo local authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.not_before = (now - DAY).into();
    authority.not_after = (now + LIFETIME).into();
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut server = CertificateParams::new(names)?;
    server
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    server.not_before = (now - DAY).into();
    server.not_after = (now + LIFETIME).into();
    let server_key = KeyPair::generate()?;
    let server_certificate = server.signed_by(&server_key, &issuer)?;

    Ok((
        authority_certificate.pem(),
        server_certificate.pem(),
        server_key.serialize_pem(),
    ))
}
