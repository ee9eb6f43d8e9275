//! Checks of certificates, keys and tokens, and of the permissions of the files that contain them.

use super::super::schema::key;
use super::date;
use super::{CheckedEntry, Code, Finding, LintInput, backticked, placeholder};
use crate::codec::{base64, duration};
use crate::kubeconfig::certificate::{Algorithm, Certificate, CertificateProblem};
use crate::kubeconfig::document::Document;
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::secret;
use crate::kubeconfig::token::Claims;
use crate::printer::quote;

/// Checks the permissions of a kubeconfig, and the lock beside it.
pub(super) fn file(
    input: &LintInput<'_>,
    source: usize,
    document: Option<&Document>,
    found: &mut Vec<Finding>,
) {
    let path = &input.merged.sources()[source].path;
    if let Some(age) = input.environment.stale_lock(path) {
        let age = duration::words(i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
        let message = format!("there is a stale lock beside it, {age} old");
        let mut finding = Finding::new(Code::StaleLock, source, None, message);
        finding.hint(
            "if no kubectl is running, remove the lock; the next change with `--break-lock` does so, too",
        );
        found.push(finding);
    }
    let Some(access) = path.to_str().and_then(|path| input.environment.access(path, path.as_ref())) else {
        return;
    };
    let own = path.to_string_lossy();
    let contains = match document {
        _ if !access.readable => None,
        Some(document) => has_secrets(document).then_some("contains"),
        None => Some("may contain"),
    };
    if let Some(contains) = contains {
        let message = format!("other users can read this file, which {contains} secrets");
        let mut finding = Finding::new(Code::Exposed, source, None, message);
        finding.hint(format!("`chmod 600 {}`", quote::shell(&own)));
        found.push(finding);
    }
    if access.writable {
        let message = "other users can write this file".to_owned();
        let mut finding = Finding::new(Code::OpenFolder, source, None, message);
        finding.hint(format!("`chmod go-w {}`", quote::shell(&own)));
        found.push(finding);
    }
    if let Some(folder) = access.replaceable {
        let message = "other users can replace this file".to_owned();
        let mut finding = Finding::new(Code::OpenFolder, source, None, message);
        finding.hint(format!("`chmod go-w {}`", quote::shell(&folder.to_string_lossy())));
        found.push(finding);
    }
}

fn has_secrets(document: &Document) -> bool {
    let any = |kind: Kind| {
        (0..document.len(kind))
            .any(|index| document.body(kind, index).is_ok_and(|body| secret::is_in(body.into_owned(), kind)))
    };
    // Most secrets are those of users.
    [Kind::User, Kind::Cluster, Kind::Context].into_iter().any(any) || document.others_hold_secrets()
}

/// The length above which a text in a path field is assumed to be data, not a path.
const PATH: usize = 512;

/// The PEM content of a certificate or key field, from its data or its file.
struct Material {
    field: String,
    bytes: Vec<u8>,
}

impl CheckedEntry<'_> {
    /// The content of a field; data has precedence over a file. Adds a finding if the file cannot be read.
    fn material(&mut self, field: &str) -> Option<Material> {
        let data = format!("{field}-data");
        if self.has(&data) {
            let bytes = base64::decode(self.text(&data)).ok()?;
            return Some(Material { field: data, bytes });
        }
        let bytes = self.read_file_of(field)?;
        Some(Material { field: field.to_owned(), bytes })
    }

    /// The content of the file that a field names. Adds a finding if it cannot be read or if others can read it.
    fn read_file_of(&mut self, field: &str) -> Option<Vec<u8>> {
        let path = self.text(field).to_owned();
        if path.is_empty() {
            return None;
        }
        let kubeconfig = self.input.merged.path(self.entry).to_owned();
        match self.input.environment.read(&path, &kubeconfig)? {
            Ok(bytes) => {
                let access = self.input.environment.access(&path, &kubeconfig).unwrap_or_default();
                if access.readable && field != key::CERTIFICATE_AUTHORITY && field != key::CLIENT_CERTIFICATE
                {
                    let message = format!("other users can read the {field} of {}", self.title());
                    self.report(Code::Exposed, &[field], message);
                }
                Some(bytes)
            }
            Err(error) => {
                self.report_unreadable_file(field, &path, &error);
                None
            }
        }
    }

    /// Adds a finding for a file that cannot be read. A value that looks like data may be a secret and is not shown.
    fn report_unreadable_file(&mut self, field: &str, path: &str, error: &std::io::Error) {
        let pasted = ["-----BEGIN", "LS0t", "eyJ"].iter().any(|start| path.trim_start().starts_with(start));
        if pasted || path.len() > PATH || path.contains(|c: char| c.is_control()) {
            let message =
                format!("the {field} of {} is not a path; it looks like the data itself", self.title());
            let instead = if field == key::TOKEN_FILE { "token".to_owned() } else { format!("{field}-data") };
            self.report(Code::MissingFile, &[field], message).hint(format!("did you mean `{instead}`?"));
            return;
        }
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "does not exist",
            std::io::ErrorKind::PermissionDenied => "cannot be read: permission denied",
            std::io::ErrorKind::IsADirectory => "is a folder",
            _ => "cannot be read",
        };
        let message = format!("the {field} of {}, {}, {why}", self.title(), backticked(path));
        let finding = self.report(Code::MissingFile, &[field], message);
        if path.starts_with("~/") {
            finding.hint(placeholder::TILDE);
        }
    }

    /// The token in the `tokenFile` of a user; empty if the file is empty or cannot be read; `None` if unknown. Adds a
    /// finding for an empty or unreadable file, unless the user has a `token` (`has_token`), which is used instead.
    fn token_file(&mut self, path: &str, has_token: bool) -> Option<String> {
        let kubeconfig = self.input.merged.path(self.entry).to_owned();
        if has_token && self.input.environment.read(path, &kubeconfig)?.is_err() {
            return Some(String::new());
        }
        let text = self
            .read_file_of(key::TOKEN_FILE)
            .map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned())?;
        if text.is_empty() && !has_token {
            let message = format!("the tokenFile of {}, {}, is empty", self.title(), backticked(path));
            self.report(Code::MissingFile, &[key::TOKEN_FILE], message);
        }
        Some(text)
    }

    fn report_bad_certificate(&mut self, material: &Material, why: CertificateProblem) {
        let message = format!("the {} of {} is not a valid certificate: {why}", material.field, self.title());
        self.report(Code::BadCertificate, &[&material.field], message);
    }

    /// Adds findings about the validity and the key size of a certificate.
    fn check_validity(&mut self, material: &Material, what: &str, certificate: &Certificate) {
        let at: [&str; 1] = [&material.field];
        let whose = format!("{what} of {}{}", self.title(), subject_of(certificate));
        if let Some(now) = self.input.environment.now() {
            let (end, day) = (certificate.not_after, date::day(certificate.not_after));
            if end < now {
                let ago = duration::words(now - end);
                self.report(Code::Expired, &at, format!("{whose} expired {ago} ago, on {day}"));
            } else if certificate.not_before > now {
                let day = date::day(certificate.not_before);
                self.report(Code::NotYetValid, &at, format!("{whose} is not valid before {day}"));
            } else if end - now < self.input.environment.within() {
                let left = duration::words(end - now);
                self.report(Code::Expiring, &at, format!("{whose} expires in {left}, on {day}"));
            }
        }
        let least = match certificate.key.algorithm {
            Algorithm::Rsa => 2048,
            Algorithm::Ec => 224,
            Algorithm::Ed25519 | Algorithm::Other => 0,
        };
        if certificate.key.bits < least {
            let (bits, kind) = (certificate.key.bits, certificate.key.algorithm.word());
            self.report(Code::WeakKey, &at, format!("{whose} has a key of only {bits} bits ({kind})"));
        }
    }
}

/// The subject of a certificate for messages, such as ` (CN jane, groups dev, ops)`.
fn subject_of(certificate: &Certificate) -> String {
    let mut said = Vec::new();
    if !certificate.common_name.is_empty() {
        said.push(format!("CN {}", quote::visible(&certificate.common_name)));
    }
    if !certificate.organizations.is_empty() {
        let groups: Vec<_> = certificate.organizations.iter().map(|it| quote::visible(it)).collect();
        said.push(format!("groups {}", groups.join(", ")));
    }
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

/// Checks the certificate authority of a cluster.
pub(super) fn authority(checked: &mut CheckedEntry<'_>) {
    let Some(material) = checked.material(key::CERTIFICATE_AUTHORITY) else { return };
    let read = checked.memo.trusted(&material.bytes);
    let (certificates, broken) = match &*read {
        Ok(read) => read,
        Err(why) => return checked.report_bad_certificate(&material, *why),
    };
    for nth in broken {
        let (field, title) = (&material.field, checked.title());
        let message = format!("certificate {nth} in the {field} of {title} is invalid: kubectl skips it");
        checked.report(Code::BrokenBlock, &[field], message);
    }
    if !certificates.iter().any(|it| it.is_ca) {
        let message = format!("the {} of {} contains no CA certificate", material.field, checked.title());
        checked.report(Code::NotAuthority, &[&material.field], message);
    }
    // Of several authorities, the valid one that ends last is checked.
    let now = checked.input.environment.now();
    let valid = |it: &Certificate| now.is_none_or(|now| it.not_before <= now && now <= it.not_after);
    if let Some(best) = certificates.iter().max_by_key(|it| (it.is_ca, valid(it), it.not_after)) {
        checked.check_validity(&material, "the certificate authority", best);
    }
}

/// Checks the certificate and the key of a user.
pub(super) fn client(checked: &mut CheckedEntry<'_>) {
    let certificate = checked.material(key::CLIENT_CERTIFICATE);
    let bundle = certificate.as_ref().map(|material| (checked.memo.bundle(&material.bytes), material));
    let own = bundle.as_ref().and_then(|(bundle, material)| {
        let own = match &**bundle {
            Ok(certificates) => certificates.first()?,
            Err(why) => {
                checked.report_bad_certificate(material, *why);
                return None;
            }
        };
        checked.check_validity(material, "the client certificate", own);
        Some(own)
    });
    // Without a certificate, client-go ignores the key.
    if certificate.is_none() && !checked.has(key::CLIENT_CERTIFICATE) {
        return;
    }
    let Some(key) = checked.material(key::CLIENT_KEY) else { return };
    if certificate.is_none() {
        return;
    }
    match &*checked.memo.key(&key.bytes) {
        Err(why) => {
            let message =
                format!("the {} of {} is not a valid private key: {why}", key.field, checked.title());
            checked.report(Code::BadKey, &[&key.field], message);
        }
        Ok(secret) => {
            if own.is_some_and(|own| secret.belongs_to(&own.key) == Some(false)) {
                let message = format!("the key of {} belongs to another certificate", checked.title());
                checked.report(Code::KeyMismatch, &[&key.field], message);
            }
        }
    }
}

/// Checks the token of a user. A token in `tokenFile` has precedence over `token`.
pub(super) fn token(checked: &mut CheckedEntry<'_>) {
    let (inline, file) = (checked.text(key::TOKEN).to_owned(), checked.text(key::TOKEN_FILE).to_owned());
    let in_file = (!file.is_empty()).then(|| checked.token_file(&file, !inline.is_empty())).flatten();
    if !inline.is_empty() && !file.is_empty() {
        let (goes, counts) = match &in_file {
            Some(text) if text.is_empty() => {
                (key::TOKEN_FILE, "the token, because there is none in the file")
            }
            _ => ("token", "the file"),
        };
        let op = checked.unset(&[goes]);
        let message = format!("{} has both token and tokenFile; kubectl uses {counts}", checked.title());
        checked.report(Code::TokenAndFile, &[goes], message).fix_by(op);
    }
    let (field, token) = match in_file {
        Some(text) if !text.is_empty() => (key::TOKEN_FILE, text),
        _ => ("token", inline),
    };
    let (Some(claims), Some(now)) = (Claims::of(&token), checked.input.environment.now()) else { return };
    let mut whose = format!("the {field} of {}", checked.title());
    if !claims.subject.is_empty() {
        whose += &format!(" ({})", quote::visible(&claims.subject));
    }
    let within = checked.input.environment.within();
    if let Some(begin) = claims.not_before.filter(|begin| *begin > now) {
        let day = date::day(begin);
        checked.report(Code::NotYetValid, &[field], format!("{whose} is not valid before {day}"));
        return;
    }
    let Some(end) = claims.expires else { return };
    let day = date::day(end);
    // A short-lived token is always near its end; only long-lived ones are reported before their end.
    let begin = claims.issued.or(claims.not_before);
    if end <= now {
        let ago = duration::words(now.saturating_sub(end));
        checked.report(Code::TokenExpired, &[field], format!("{whose} expired {ago} ago, on {day}"));
    } else if end.saturating_sub(now) < within && begin.is_none_or(|begin| end.saturating_sub(begin) > within)
    {
        let left = duration::words(end - now);
        checked.report(Code::TokenExpiring, &[field], format!("{whose} expires in {left}, on {day}"));
    }
}
