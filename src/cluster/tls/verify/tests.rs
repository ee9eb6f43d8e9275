//! Tests of the verification of server certificates: the same certificates are accepted as by Go.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

type Issuer = CertifiedIssuer<'static, KeyPair>;

const NOW: i64 = 1_750_000_000;

fn params(name: &str, ca: Option<BasicConstraints>, years: std::ops::Range<i32>) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["a.test".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = ca.map_or(IsCa::ExplicitNoCa, IsCa::Ca);
    params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
    params
}

fn own(params: CertificateParams) -> Issuer {
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn by(issuer: &Issuer, params: CertificateParams) -> Issuer {
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

#[test]
fn certificates_count_as_they_do_for_go() {
    // The year 2025.
    const ANY: Option<BasicConstraints> = Some(BasicConstraints::Unconstrained);
    let now = 2020..2030;
    let unfit = |whose, fault| Err(Refusal::Unfit(whose, fault));
    let root = own(params("root", ANY, now.clone()));
    let twin = own(params("root", ANY, now.clone()));
    let old = own(params("old", ANY, 2010..2015));
    let early = own(params("early", ANY, 2027..2030));
    let short = own(params("short", Some(BasicConstraints::Constrained(0)), now.clone()));
    let leaf = by(&root, params("leaf", None, now.clone()));
    let inter = by(&root, params("inter", ANY, now.clone()));
    let deep = by(&inter, params("deep", None, now.clone()));
    let long = by(&short, params("long", ANY, now.clone()));
    let no_ca = by(&leaf, params("no-ca", None, now.clone()));
    let check = |server: &Issuer, sent: &[&Issuer], roots: &[&Issuer], host: &str| {
        let der = |issuer: &&'_ Issuer| issuer.der().to_vec();
        let (sent, roots): (Vec<_>, Vec<_>) =
            (sent.iter().map(der).collect(), roots.iter().map(der).collect());
        let (sent, roots) = (sent.iter().map(Vec::as_slice), roots.iter().map(Vec::as_slice));
        verify(server.der(), sent, roots, host, NOW)
    };
    let expired = |whose, year| {
        let end = jiff::civil::date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        Err(Refusal::Expired(whose, NOW.abs_diff(end.timestamp().as_second())))
    };
    for (at, (found, want)) in [
        (check(&leaf, &[], &[&root], "a.test"), Ok(())),
        (check(&leaf, &[], &[&twin, &root], "a.test"), Ok(())),
        (check(&leaf, &[], &[&root], "b.test"), Err(Refusal::Names(vec!["a.test".to_owned()]))),
        (check(&leaf, &[], &[&twin], "a.test"), Err(Refusal::UnknownIssuer)),
        (check(&leaf, &[], &[], "a.test"), Err(Refusal::UnknownIssuer)),
        // Trusted directly: an authority, and a leaf.
        (check(&root, &[], &[&root], "a.test"), Ok(())),
        (check(&leaf, &[], &[&leaf], "a.test"), Ok(())),
        (check(&inter, &[], &[&root], "a.test"), Ok(())),
        (check(&old, &[], &[&old], "a.test"), expired(CertificateRole::Server, 2015)),
        // Expiry of authorities.
        (
            check(&by(&old, params("x", None, now.clone())), &[], &[&old], "a.test"),
            expired(CertificateRole::Authority, 2015),
        ),
        (
            check(&by(&early, params("x", None, now.clone())), &[], &[&early], "a.test"),
            Err(Refusal::NotYet(CertificateRole::Authority)),
        ),
        // Chains.
        (check(&deep, &[&inter], &[&root], "a.test"), Ok(())),
        (check(&deep, &[&root, &inter, &deep], &[&root], "a.test"), Ok(())),
        (check(&deep, &[], &[&root], "a.test"), Err(Refusal::UnknownIssuer)),
        (
            check(&by(&long, params("x", None, now.clone())), &[&long], &[&short], "a.test"),
            unfit(CertificateRole::Authority, Fault::Length),
        ),
        (check(&no_ca, &[&leaf], &[&root], "a.test"), unfit(CertificateRole::Authority, Fault::NoAuthority)),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(found, want, "{at}");
    }
    assert_eq!(
        verify(b"x", [].into_iter(), [].into_iter(), "a.test", NOW),
        unfit(CertificateRole::Server, Fault::Broken)
    );
}

/// No changed byte is ignored: the signature covers the inner part, and the part around it has one encoding.
#[test]
fn a_certificate_with_a_changed_byte_is_rejected() {
    let ca = own(params("root", Some(BasicConstraints::Unconstrained), 2020..2030));
    let trusted = ca.der().to_vec();
    let der = by(&ca, params("leaf", None, 2020..2030)).der().to_vec();
    let accepted =
        |der: &[u8]| verify(der, [].into_iter(), [trusted.as_slice()].into_iter(), "a.test", NOW).is_ok();
    assert!(accepted(&der));
    for at in 0..der.len() {
        // Every bit once: tags differ from valid ones in a single bit.
        for bit in 0..8 {
            let mut changed = der.clone();
            changed[at] ^= 1 << bit;
            assert!(!accepted(&changed), "byte {at}, bit {bit}");
        }
    }
    assert!(!accepted(&[der.as_slice(), b"x"].concat()));
}

proptest::proptest! {
    #[test]
    fn no_bytes_sent_as_an_authority_are_accepted(at in 0_usize..1000, byte: u8, sent: Vec<u8>) {
        let ca = own(params("root", Some(BasicConstraints::Unconstrained), 2020..2030));
        let mut der = by(&ca, params("leaf", None, 2020..2030)).der().to_vec();
        let at = at % der.len();
        der[at] = byte;
        let trusted = ca.der().to_vec();
        let found =
            verify(&der, [sent.as_slice()].into_iter(), [trusted.as_slice()].into_iter(), "a.test", NOW);
        proptest::prop_assert!(found.is_err());
    }
}
