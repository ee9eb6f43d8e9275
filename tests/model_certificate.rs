//! Certificates and private keys as openssl and rcgen write them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kcx::kubeconfig::certificate::{
    Algorithm, Certificate, CertificateProblem, KeyProblem, PrivateKey, expiry,
};
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, SanType, date_time_ymd};

/// `openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=kcx -days 30`, made on 2026-11-23.
const SAMPLE: &str = include_str!("certificates/sample.pem");

/// The bytes of the last block of a PEM text.
fn der(pem: &str) -> Vec<u8> {
    let (_, block) = pem.rsplit_once("-----BEGIN ").unwrap();
    STANDARD.decode(block.lines().filter(|line| !line.contains("-----")).collect::<String>()).unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn issue(change: impl FnOnce(&mut CertificateParams), key: &KeyPair) -> String {
    let mut params = CertificateParams::default();
    change(&mut params);
    params.self_signed(key).unwrap().pem()
}

#[test]
fn certificates_written_by_openssl_are_read() {
    let [read] = &Certificate::bundle(SAMPLE.as_bytes()).unwrap()[..] else { panic!("there is one") };
    assert_eq!((read.common_name.as_str(), read.issuer.as_str()), ("kcx", "kcx"));
    assert_eq!((read.not_before, read.not_after), (1_795_448_422, 1_798_040_422));
    assert_eq!((read.key.algorithm, read.key.bits), (Algorithm::Ed25519, 256));
    assert!(read.is_ca && read.is_self_issued);
    assert_eq!(expiry(SAMPLE.as_bytes()), Some(1_798_040_422));
}

#[test]
fn subject_names_and_validity_are_read() {
    let key = KeyPair::generate().unwrap();
    let pem = issue(
        |params| {
            params.distinguished_name.push(DnType::CommonName, "jane");
            params.distinguished_name.push(DnType::OrganizationName, "system:masters");
            params.subject_alt_names = vec![
                SanType::DnsName("api.example".try_into().unwrap()),
                SanType::IpAddress([10, 0, 0, 1].into()),
                SanType::IpAddress(std::net::Ipv6Addr::LOCALHOST.into()),
            ];
            params.not_before = date_time_ymd(1970, 1, 2);
            params.not_after = date_time_ymd(2050, 1, 1);
            params.is_ca = IsCa::ExplicitNoCa;
        },
        &key,
    );
    // Comments and other blocks between are nothing; line ends are the file's own business.
    let text = format!("subject=jane\n{}{}", pem.replace('\n', "\r\n"), key.serialize_pem());
    let [read] = &Certificate::bundle(text.as_bytes()).unwrap()[..] else { panic!("there is one") };
    assert_eq!(read.common_name, "jane");
    assert_eq!(read.organizations, ["system:masters"]);
    assert_eq!(read.names, ["api.example", "10.0.0.1", "::1"]);
    assert_eq!((read.not_before, read.not_after), (86_400, 29_220 * 86_400));
    assert_eq!((read.key.algorithm, read.key.bits), (Algorithm::Ec, 256));
    assert!(!read.is_ca);
}

#[test]
fn only_basic_constraints_make_an_authority() {
    let key = KeyPair::generate().unwrap();
    let is_ca = |kind: IsCa| {
        let pem = issue(|params| params.is_ca = kind, &key);
        Certificate::bundle(pem.as_bytes()).unwrap()[0].is_ca
    };
    assert!(is_ca(IsCa::Ca(BasicConstraints::Unconstrained)));
    assert!(!is_ca(IsCa::NoCa));
}

#[test]
fn the_reason_for_an_invalid_certificate_is_reported() {
    let bundle = |text: &str| Certificate::bundle(text.as_bytes()).unwrap_err();
    assert_eq!(bundle(""), CertificateProblem::NoPem);
    assert_eq!(bundle(&SAMPLE.replace("CERTIFICATE", "X509 CRL")), CertificateProblem::NoCertificate);
    assert_eq!(bundle(&SAMPLE[..200]), CertificateProblem::BrokenPem);
    assert_eq!(bundle(&SAMPLE.replacen("MII", "MI!", 1)), CertificateProblem::BrokenPem);
    assert_eq!(bundle(&SAMPLE.replacen("MII", "NII", 1)), CertificateProblem::BrokenCertificate);
    let der = der(SAMPLE);
    assert_eq!(Certificate::bundle(&der), Err(CertificateProblem::Der));
    assert!(Certificate::of_der(&der).is_some());
    assert_eq!(Certificate::of_der(&[&der[..], b"x"].concat()), None);
}

/// Keys as openssl writes them, each with the public half in a certificate of its own: see `certificates/make`.
const KEYS: [(&str, &str, Algorithm, usize); 10] = [
    (include_str!("certificates/rsa-pkcs1.pem"), include_str!("certificates/rsa.crt"), Algorithm::Rsa, 2048),
    (include_str!("certificates/rsa-pkcs8.pem"), include_str!("certificates/rsa.crt"), Algorithm::Rsa, 2048),
    (include_str!("certificates/p256-sec1.pem"), include_str!("certificates/p256.crt"), Algorithm::Ec, 256),
    (include_str!("certificates/p256-pkcs8.pem"), include_str!("certificates/p256.crt"), Algorithm::Ec, 256),
    (
        include_str!("certificates/p256-no-point.pem"),
        include_str!("certificates/p256.crt"),
        Algorithm::Ec,
        256,
    ),
    (include_str!("certificates/p384-sec1.pem"), include_str!("certificates/p384.crt"), Algorithm::Ec, 384),
    (
        include_str!("certificates/p384-no-point.pem"),
        include_str!("certificates/p384.crt"),
        Algorithm::Ec,
        384,
    ),
    (include_str!("certificates/p521-sec1.pem"), include_str!("certificates/p521.crt"), Algorithm::Ec, 521),
    (include_str!("certificates/p224-pkcs8.pem"), include_str!("certificates/p224.crt"), Algorithm::Ec, 224),
    (
        include_str!("certificates/ed25519.pem"),
        include_str!("certificates/ed25519.crt"),
        Algorithm::Ed25519,
        256,
    ),
];

#[test]
fn a_key_matches_only_its_own_certificate() {
    for (at, (key, certificate, algorithm, bits)) in KEYS.into_iter().enumerate() {
        let key = PrivateKey::of_pem(key.as_bytes()).unwrap();
        assert_eq!(key.algorithm(), algorithm, "{at}");
        let own = &Certificate::bundle(certificate.as_bytes()).unwrap()[0].key;
        assert_eq!((own.algorithm, own.bits), (algorithm, bits), "{at}");
        for (_, other, ..) in KEYS {
            let public = &Certificate::bundle(other.as_bytes()).unwrap()[0].key;
            assert_eq!(key.belongs_to(public), Some(certificate == other), "{at}");
        }
        let fresh = issue(|_| {}, &KeyPair::generate().unwrap());
        let fresh = &Certificate::bundle(fresh.as_bytes()).unwrap()[0].key;
        assert_eq!(key.belongs_to(fresh), Some(false), "{at}");
        assert_eq!(format!("{key:?}"), format!("PrivateKey({})", algorithm.word()));
    }
}

#[test]
fn a_key_on_an_unsupported_curve_is_not_compared() {
    let key = PrivateKey::of_pem(include_bytes!("certificates/p521-no-point.pem")).unwrap();
    let public = &Certificate::bundle(include_bytes!("certificates/p521.crt")).unwrap()[0].key;
    assert_eq!(key.belongs_to(public), None);
}

#[test]
fn the_reason_for_an_invalid_key_is_reported() {
    let problem = |pem: &[u8]| PrivateKey::of_pem(pem).unwrap_err();
    assert_eq!(problem(b""), KeyProblem::NoKey);
    assert_eq!(problem(SAMPLE.as_bytes()), KeyProblem::NoKey);
    assert_eq!(problem(include_bytes!("certificates/encrypted-pkcs8.pem")), KeyProblem::Encrypted);
    assert_eq!(problem(include_bytes!("certificates/encrypted-pkcs1.pem")), KeyProblem::Encrypted);
    assert_eq!(problem(include_bytes!("certificates/dsa.pem")), KeyProblem::Unknown);
    assert_eq!(problem(SAMPLE.replace("CERTIFICATE", "PRIVATE KEY").as_bytes()), KeyProblem::BrokenKey);
    assert_eq!(problem(b"-----BEGIN PRIVATE KEY-----\nMII\n"), KeyProblem::BrokenPem);
}

proptest! {
    #[test]
    fn damage_is_no_panic(at in 0_usize..2000, byte in any::<u8>(), cut in 0_usize..2000, which in 0_usize..10) {
        let (key, certificate, ..) = KEYS[which];
        let public = &Certificate::bundle(certificate.as_bytes()).unwrap()[0].key;
        for text in [key, certificate] {
            let mut der = der(text);
            let at = at % der.len();
            der[at] = byte;
            for der in [&der[..], &der[..cut % der.len()]] {
                let _ = Certificate::of_der(der);
                if let Ok(key) = PrivateKey::of_pem(pem("PRIVATE KEY", der).as_bytes()) {
                    let _ = key.belongs_to(public);
                }
            }
        }
    }
}

#[test]
fn pem_blocks_that_go_ignores_are_ignored() {
    let cut = &SAMPLE[..200];
    for text in [format!("{SAMPLE}{cut}\n"), format!("{cut}\n{SAMPLE}")] {
        assert_eq!(Certificate::bundle(text.as_bytes()).map(|all| all.len()), Ok(1), "{text}");
        assert_eq!(
            Certificate::trusted(text.as_bytes()).map(|(all, broken)| (all.len(), broken.len())),
            Ok((1, 1))
        );
    }
    let joined = format!("{}{SAMPLE}", SAMPLE.trim_end());
    assert_eq!(Certificate::trusted(joined.as_bytes()), Err(CertificateProblem::BrokenPem));
    assert_eq!(Certificate::bundle(joined.as_bytes()), Err(CertificateProblem::BrokenPem));
    // `openssl req -x509` with a key on secp256k1: "x509: unsupported elliptic curve".
    let curve = include_bytes!("certificates/secp256k1.crt");
    assert_eq!(Certificate::bundle(curve), Err(CertificateProblem::Curve));
    assert_eq!(Certificate::trusted(curve), Err(CertificateProblem::Curve));
    assert_eq!(Certificate::trusted(&[SAMPLE.as_bytes(), curve].concat()).map(|(all, _)| all.len()), Ok(1));
}
