//! The system's authorities, for a cluster that names none.

use crate::env::Env;
#[cfg(target_os = "linux")]
use crate::file::limits;
use rustls::pki_types::CertificateDer;
use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Certificates, DER.
pub(super) type Authorities = Arc<[CertificateDer<'static>]>;

/// Where the environment says that the system's authorities are. Other systems than Linux have a store of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cluster) struct AuthorityPaths {
    file: Option<PathBuf>,
    folders: Option<OsString>,
}

impl AuthorityPaths {
    pub(in crate::cluster) fn of(env: &Env) -> AuthorityPaths {
        AuthorityPaths { file: env.ssl_cert_file.clone(), folders: env.ssl_cert_dir.clone() }
    }

    /// The authorities that this machine trusts. They are read once per process.
    pub(super) fn authorities(&self) -> Authorities {
        static KNOWN: Mutex<Vec<(AuthorityPaths, Authorities)>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = known.iter().find(|(places, _)| places == self) {
            return found.clone();
        }
        let found: Authorities = read(self).into();
        known.push((self.clone(), found.clone()));
        found
    }
}

#[cfg(not(target_os = "linux"))]
fn read(_: &AuthorityPaths) -> Vec<CertificateDer<'static>> {
    // A certificate that cannot be read is not trusted.
    rustls_native_certs::load_native_certs().certs
}

/// As Go does on Linux (`crypto/x509/root_unix.go`): the first readable file, and all files of all folders.
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the respective list.
#[cfg(target_os = "linux")]
fn read(places: &AuthorityPaths) -> Vec<CertificateDer<'static>> {
    use crate::kubeconfig::certificate::Certificate;
    const FILES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
    let files =
        places.file.as_ref().map_or_else(|| FILES.map(Into::into).to_vec(), |file| vec![file.clone()]);
    let folders = places.folders.as_ref().map_or_else(
        || FOLDERS.map(PathBuf::from).to_vec(),
        |folders| std::env::split_paths(folders).collect(),
    );
    let read = |path: &Path| {
        Some(path)
            .filter(|path| path.is_file())
            .and_then(|path| crate::file::read(path, limits::SYSTEM_AUTHORITIES).ok().map(|(bytes, _)| bytes))
    };
    let mut texts: Vec<Vec<u8>> = files.iter().find_map(|path| read(path)).into_iter().collect();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        // A link within the folder is another name of a file that is read anyway.
        let is_other_name = |entry: &std::fs::DirEntry| {
            std::fs::read_link(entry.path()).is_ok_and(|to| to.components().count() == 1)
        };
        texts.extend(entries.flatten().filter(|it| !is_other_name(it)).filter_map(|it| read(&it.path())));
    }
    let mut found: Vec<Vec<u8>> = Vec::new();
    for text in texts {
        let trusted = Certificate::trusted(&text).map(|(certificates, _)| certificates).unwrap_or_default();
        found.extend(trusted.into_iter().map(|certificate| certificate.der));
    }
    found.sort();
    found.dedup();
    found.into_iter().map(CertificateDer::from).collect()
}
