//! Verifies a server's certificate by the rules of Go's `x509.Certificate.Verify`, which kubectl uses.
//!
//! webpki, which comes with rustls, has other rules: it rejects a server certificate that is also an authority, cannot
//! trust a leaf certificate directly, and never checks the dates of an authority. So the path is built here, as Go
//! builds it. x509-parser parses certificates, [`algorithms`](super::algorithms) checks signatures.
//!
//! Stricter than Go on purpose: critical policy constraints are rejected, and the system verifiers of macOS and Windows
//! are not used.

use super::super::failure::{CertificateRole, Fault};
use super::algorithms::{self, SignatureProblem};
use super::names;
use crate::kubeconfig::certificate::shown_name;
use x509_parser::asn1_rs::{Any, Class, Header, Length, Tag, ToDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, NameConstraints, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Version;

/// The largest number of signature checks per server, which bounds the cost of a long chain: Go's limit.
const SIGNATURES: usize = 100;

/// Why a certificate is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum Refusal {
    /// It is for other hosts: their DNS names and addresses.
    Names(Vec<String>),
    /// It expired this many seconds ago.
    Expired(CertificateRole, u64),
    /// It is not valid yet.
    NotYet(CertificateRole),
    /// No trusted authority has signed it.
    UnknownIssuer,
    /// It is trusted and matches the host, but is otherwise invalid.
    Unfit(CertificateRole, Fault),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the certificate of the server is not valid")
    }
}

impl std::error::Error for Refusal {}

/// Verifies the first certificate for this host and time, with the help of the other certificates that the server sent.
/// All are DER; the time is in seconds since 1970 UTC.
///
/// # Errors
/// The reason. A wrong host is reported only for a certificate that is trusted.
pub(super) fn verify<'c>(
    server: &'c [u8],
    sent: impl Iterator<Item = &'c [u8]>,
    roots: impl Iterator<Item = &'c [u8]>,
    host: &str,
    now: i64,
) -> Result<(), Refusal> {
    let broken = |whose| Refusal::Unfit(whose, Fault::Broken);
    let leaf = ParsedCertificate::of(server).ok_or(broken(CertificateRole::Server))?;
    let sent: Option<Vec<ParsedCertificate<'_>>> = sent.map(ParsedCertificate::of).collect();
    let sent = sent.ok_or(broken(CertificateRole::Authority))?;
    leaf.is_fit(CertificateRole::Server, now)?;
    // Authorities with another name are not even parsed: there may be hundreds.
    let mut roots: Vec<&[u8]> = roots.collect();
    if roots.contains(&server) {
        leaf.is_for_servers(CertificateRole::Server)?;
    } else {
        let issuers: Vec<&[u8]> =
            std::iter::once(&leaf).chain(&sent).map(|read| read.x509.issuer().as_raw()).collect();
        roots.retain(|root| issuers.iter().any(|issuer| memchr::memmem::find(root, issuer).is_some()));
        let roots: Vec<ParsedCertificate<'_>> = roots.into_iter().filter_map(ParsedCertificate::of).collect();
        let mut path = PathSearch { sent: &sent, roots: &roots, now, checks: 0, best: None };
        if !path.reaches_root(&mut vec![&leaf]) {
            return Err(path.best.unwrap_or(Refusal::UnknownIssuer));
        }
    }
    if names::fit(&leaf.names, host) {
        return Ok(());
    }
    Err(Refusal::Names(leaf.names.iter().filter_map(shown_name).collect()))
}

/// A parsed certificate.
struct ParsedCertificate<'c> {
    der: &'c [u8],
    x509: X509Certificate<'c>,
    names: Vec<GeneralName<'c>>,
    has_names: bool,
    /// It has an unknown critical extension.
    strange: bool,
}

impl<'c> ParsedCertificate<'c> {
    /// `None` for a certificate that Go cannot parse either: an extension is malformed or appears twice.
    fn of(der: &'c [u8]) -> Option<ParsedCertificate<'c>> {
        let (_, x509) = X509Certificate::from_der(der).ok()?;
        let extensions = x509.extensions_map().ok()?;
        let broken = |parsed: &ParsedExtension<'_>| matches!(parsed, ParsedExtension::ParseError { .. });
        if der != encoded(&x509)? || extensions.values().any(|it| broken(it.parsed_extension())) {
            return None;
        }
        let names = x509.subject_alternative_name().ok()?;
        let has_names = names.is_some();
        let names = names.map(|it| it.value.general_names.clone()).unwrap_or_default();
        let strange = x509.extensions().iter().any(|it| {
            it.critical
                && match it.parsed_extension() {
                    ParsedExtension::AuthorityKeyIdentifier(_)
                    | ParsedExtension::SubjectKeyIdentifier(_)
                    | ParsedExtension::KeyUsage(_)
                    | ParsedExtension::CertificatePolicies(_)
                    | ParsedExtension::BasicConstraints(_)
                    | ParsedExtension::ExtendedKeyUsage(_)
                    | ParsedExtension::CRLDistributionPoints(_) => false,
                    ParsedExtension::SubjectAlternativeName(_) => !names.iter().any(|name| is_checked(name)),
                    ParsedExtension::NameConstraints(constraints) => !bases(constraints).all(is_checked),
                    _ => true,
                }
        });
        Some(ParsedCertificate { der, x509, names, has_names, strange })
    }

    fn is_fit(&self, whose: CertificateRole, now: i64) -> Result<(), Refusal> {
        let validity = self.x509.validity();
        let end = validity.not_after.timestamp();
        if self.strange {
            Err(Refusal::Unfit(whose, Fault::Extension))
        } else if now < validity.not_before.timestamp() {
            Err(Refusal::NotYet(whose))
        } else if now > end {
            Err(Refusal::Expired(whose, now.abs_diff(end)))
        } else {
            Ok(())
        }
    }

    /// Fails if there is an extended key usage without server authentication.
    fn is_for_servers(&self, whose: CertificateRole) -> Result<(), Refusal> {
        let serves = |usage: &ExtendedKeyUsage<'_>| usage.any || usage.server_auth;
        match self.x509.extended_key_usage() {
            Ok(usage) if usage.as_ref().is_none_or(|usage| serves(usage.value)) => Ok(()),
            _ => Err(Refusal::Unfit(whose, Fault::Usage)),
        }
    }

    /// Checks that it signed another one (Go's `CheckSignatureFrom`). An X.509 version 1 certificate may sign: it
    /// cannot state otherwise.
    fn signed(
        &self,
        other: &ParsedCertificate<'_>,
        signs: CertificateRole,
        signed: CertificateRole,
    ) -> Result<(), Refusal> {
        let basic = self.x509.basic_constraints().ok().flatten();
        let may = basic.map_or(self.x509.version() != X509Version::V3, |it| it.value.ca);
        let usage = self.x509.key_usage().ok().flatten();
        if !may || usage.is_some_and(|it| it.value.flags != 0 && !it.value.key_cert_sign()) {
            return Err(Refusal::Unfit(signs, Fault::NoAuthority));
        }
        let made = other.signature().ok_or(Refusal::Unfit(signed, Fault::Broken))?;
        algorithms::verify(self.x509.public_key().raw, made.algorithm, made.message, made.signature).map_err(
            |bad| match bad {
                SignatureProblem::Unknown => Refusal::Unfit(signed, Fault::Signature),
                SignatureProblem::WrongKey => Refusal::UnknownIssuer,
            },
        )
    }

    fn signature(&self) -> Option<Signature<'_>> {
        // RFC 5280, 4.1: the signed part, the algorithm, the signature.
        let (_, whole) = Any::from_der(self.der).ok()?;
        let message = self.x509.tbs_certificate.as_ref();
        let (_, algorithm) = Any::from_der(whole.data.get(message.len()..)?).ok()?;
        let signature = &self.x509.signature_value;
        let whole_bytes = signature.unused_bits == 0;
        whole_bytes.then_some(Signature { algorithm: algorithm.data, message, signature: &signature.data })
    }

    fn is(&self, other: &ParsedCertificate<'_>) -> bool {
        self.x509.subject().as_raw() == other.x509.subject().as_raw()
            && self.x509.public_key().raw == other.x509.public_key().raw
    }
}

/// The only encoding of this certificate in DER. The signature covers the inner part alone, and x509-parser accepts
/// variants of what is around it; Go rejects them.
fn encoded(x509: &X509Certificate<'_>) -> Option<Vec<u8>> {
    let header = |constructed, tag, length| {
        Header::new(Class::Universal, constructed, tag, Length::Definite(length)).to_der_vec().ok()
    };
    let signed = x509.tbs_certificate.as_ref();
    let signature = &x509.signature_value;
    let mut parts = signed.to_vec();
    parts.extend(algorithm_in(signed)?);
    parts.extend(header(false, Tag::BitString, signature.data.len() + 1)?);
    parts.push(signature.unused_bits);
    parts.extend(signature.data.iter());
    let mut whole = header(true, Tag::Sequence, parts.len())?;
    whole.append(&mut parts);
    Some(whole)
}

/// The signature algorithm that the signed part names, which the one outside must equal (RFC 5280, 4.1.1.2).
fn algorithm_in(signed: &[u8]) -> Option<&[u8]> {
    let (_, fields) = Any::from_der(signed).ok()?;
    let (rest, first) = Any::from_der(fields.data).ok()?;
    let has_version = first.class() == Class::ContextSpecific;
    let algorithm = if has_version { Any::from_der(rest).ok()?.0 } else { rest };
    let (rest, _) = Any::from_der(algorithm).ok()?;
    algorithm.get(..algorithm.len() - rest.len())
}

struct Signature<'c> {
    /// The contents of its `AlgorithmIdentifier`.
    algorithm: &'c [u8],
    message: &'c [u8],
    signature: &'c [u8],
}

fn bases<'n, 'c>(constraints: &'n NameConstraints<'c>) -> impl Iterator<Item = &'n GeneralName<'c>> {
    let lists = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
    lists.into_iter().flatten().flatten().map(|subtree| &subtree.base)
}

/// The kinds of names that Go checks.
fn is_checked(name: &GeneralName<'_>) -> bool {
    matches!(
        name,
        GeneralName::DNSName(_)
            | GeneralName::IPAddress(_)
            | GeneralName::RFC822Name(_)
            | GeneralName::URI(_)
    )
}

/// The search for a path to an authority.
struct PathSearch<'p, 'c> {
    sent: &'p [ParsedCertificate<'c>],
    roots: &'p [ParsedCertificate<'c>],
    now: i64,
    checks: usize,
    /// The most specific reason so far.
    best: Option<Refusal>,
}

impl<'p, 'c> PathSearch<'p, 'c> {
    fn reaches_root(&mut self, chain: &mut Vec<&'p ParsedCertificate<'c>>) -> bool {
        let (sent, roots) = (self.sent, self.roots);
        let found = |this: &mut Self, chain: &mut Vec<_>, parent, is_root| {
            match this.step(chain, parent, is_root) {
                Ok(found) => found,
                Err(why) => {
                    // A signature by another key says less than a defect of the issuer.
                    if why != Refusal::UnknownIssuer {
                        this.best.get_or_insert(why);
                    }
                    false
                }
            }
        };
        roots.iter().any(|root| found(self, chain, root, true))
            || sent.iter().any(|parent| found(self, chain, parent, false))
    }

    /// True if this certificate signed the last of the chain, and the path from here ends at an authority.
    fn step(
        &mut self,
        chain: &mut Vec<&'p ParsedCertificate<'c>>,
        parent: &'p ParsedCertificate<'c>,
        is_root: bool,
    ) -> Result<bool, Refusal> {
        let Some(child) = chain.last().copied() else { return Ok(false) };
        if child.x509.issuer().as_raw() != parent.x509.subject().as_raw()
            || chain.iter().any(|known| known.is(parent))
            || self.checks == SIGNATURES
        {
            return Ok(false);
        }
        self.checks += 1;
        let whose = if chain.len() == 1 { CertificateRole::Server } else { CertificateRole::Authority };
        parent.signed(child, CertificateRole::Authority, whose)?;
        parent.is_fit(CertificateRole::Authority, self.now)?;
        let basic = parent.x509.basic_constraints().ok().flatten();
        let unfit = |fault| Err(Refusal::Unfit(CertificateRole::Authority, fault));
        if !is_root && basic.as_ref().is_none_or(|it| !it.value.ca) {
            return unfit(Fault::NoAuthority);
        }
        let longest = basic.and_then(|it| it.value.path_len_constraint);
        if longest.is_some_and(|longest| chain.len() - 1 > usize::try_from(longest).unwrap_or(usize::MAX)) {
            return unfit(Fault::Length);
        }
        if let Ok(Some(constraints)) = parent.x509.name_constraints()
            && !chain
                .iter()
                .filter(|below| below.has_names)
                .all(|below| names::permitted(constraints.value, &below.names))
        {
            return unfit(Fault::Constraint);
        }
        chain.push(parent);
        let found = match is_root {
            true => {
                let mut usages = chain.iter().enumerate().map(|(at, read)| {
                    read.is_for_servers(if at == 0 {
                        CertificateRole::Server
                    } else {
                        CertificateRole::Authority
                    })
                });
                usages.find(Result::is_err).unwrap_or(Ok(())).map(|()| true)
            }
            false => Ok(self.reaches_root(chain)),
        };
        chain.pop();
        found
    }
}

#[cfg(test)]
mod tests;
