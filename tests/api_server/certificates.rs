//! Certificates of the test's own: an authority, and what it signs.

use super::User;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A certificate with its key, both PEM.
pub(crate) struct Login {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// What a server shows of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    /// For 127.0.0.1, ::1, `localhost` and `api.cluster.test`, for 90 days.
    #[default]
    Good,
    /// For `kubernetes`, `kubernetes.default` and 10.96.0.1, as a cluster has behind a tunnel.
    WrongName,
    /// Ended two days ago.
    Expired,
    /// Begins tomorrow.
    NotYet,
    /// Signed by an authority that nobody knows.
    Stranger,
}

/// A certificate, DER, and whose it is.
type Signed = (Vec<u8>, User);

/// Whom the client certificates that were signed are of.
#[derive(Clone, Default)]
pub(crate) struct Issued(Arc<Mutex<Vec<Signed>>>);

impl Issued {
    /// The user of this certificate, DER.
    pub(crate) fn user(&self, certificate: &[u8]) -> Option<User> {
        let issued = self.0.lock().unwrap();
        issued.iter().find(|(known, _)| known == certificate).map(|(_, user)| user.clone())
    }
}

/// Who signs.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(crate) issued: Issued,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Authority { issuer, issued: Issued::default() }
    }

    /// Its own certificate, PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn server(&self, shown: Shown) -> Login {
        let names = match shown {
            Shown::WrongName => vec!["kubernetes", "kubernetes.default", "10.96.0.1"],
            _ => vec!["localhost", "api.cluster.test", "127.0.0.1", "::1"],
        };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "kube-apiserver");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let now = SystemTime::now();
        let (from, to) = match shown {
            Shown::Expired => (now - 30 * DAY, now - 2 * DAY),
            Shown::NotYet => (now + DAY, now + 90 * DAY),
            _ => (now - HOUR, now + 90 * DAY + HOUR),
        };
        (params.not_before, params.not_after) = (from.into(), to.into());
        self.sign(&params).0
    }

    /// A client certificate in the form that kube-apiserver expects, with the user's name and groups. It expires in
    /// this many days, or has expired if they are negative.
    pub(crate) fn client(&self, user: &str, groups: &[&str], days: i64) -> Login {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        for group in groups {
            params.distinguished_name.push(DnType::OrganizationName, *group);
        }
        params.distinguished_name.push(DnType::CommonName, user);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let now = SystemTime::now();
        let whole = u32::try_from(days.abs()).unwrap() * DAY;
        let end = if days < 0 { now - whole + HOUR } else { now + whole + HOUR };
        (params.not_before, params.not_after) = ((end.min(now) - HOUR).into(), end.into());
        let (login, der) = self.sign(&params);
        self.issued.0.lock().unwrap().push((der, User::new(user, groups)));
        login
    }

    /// The certificate as PEM with its key, and as DER.
    fn sign(&self, params: &CertificateParams) -> (Login, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let certificate: Certificate = params.signed_by(&key, &self.issuer).unwrap();
        let login = Login { certificate: certificate.pem(), key: key.serialize_pem() };
        (login, certificate.der().to_vec())
    }
}
