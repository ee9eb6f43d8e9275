//! The table of all codes. `--explain`, the SARIF rules, the documentation and tests are generated from it.
//!
//! A code never changes its meaning, and the number of a removed code is not reused. Codes below 100 concern reading a
//! file: there is an error among them exactly if kubectl refuses to load the file.

mod entries;
mod preferences;
mod reading;
mod trust;

use std::fmt;
use std::str::FromStr;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Info,
    /// It may fail later or with other programs, or is a risk.
    Warning,
    /// kubectl refuses it, or it cannot work.
    Error,
}

impl Severity {
    /// `info`, `warning`, `error`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Whether kcx can fix a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixability {
    /// It cannot; the user has to decide.
    No,
    /// There is a single fix, and it loses nothing.
    Safe,
    /// There is a fix, but it may not be what was meant.
    Unsafe,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The code.
    pub code: Code,
    /// The severity of its findings.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it is a problem, and what to do.
    pub help: &'static str,
    /// A kubeconfig with this finding, or a part of one.
    pub example: &'static str,
    /// Whether kcx can fix its findings.
    pub fixability: Fixability,
}

const fn rule(
    code: Code,
    severity: Severity,
    fixability: Fixability,
    [title, help, example]: [&'static str; 3],
) -> Rule {
    Rule { code, severity, title, help, example, fixability }
}

macro_rules! codes {
    ($($name:ident = $number:literal,)*) => {
        /// The code of a finding, rendered as `KCX` and a number; [`Code::rule`] describes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the table of rules describes them")]
        pub enum Code { $($name = $number,)* }

        impl Code {
            /// All codes, in ascending order.
            pub const ALL: &[Code] = &[$(Code::$name,)*];
        }
    };
}

codes! {
    Unreadable = 1,
    Syntax = 2,
    WrongType = 3,
    Yaml11 = 4,
    Base64 = 5,
    NotKubeconfig = 6,
    DuplicateName = 7,
    Ambiguous = 8,
    DuplicateKey = 9,
    MoreDocuments = 10,
    UnknownField = 11,
    NoHeader = 12,
    ByteOrderMark = 13,
    LineEnds = 14,
    UnknownCode = 15,
    DanglingCluster = 101,
    DanglingUser = 102,
    NoCluster = 103,
    NoUser = 104,
    NoSuchCurrent = 105,
    NoCurrent = 106,
    OrphanCluster = 107,
    OrphanUser = 108,
    Hidden = 109,
    NoName = 110,
    BadNamespace = 111,
    NoServer = 201,
    BadServer = 202,
    NoScheme = 203,
    PlainHttp = 204,
    LoginInUrl = 205,
    BadProxy = 206,
    PathAndData = 207,
    MissingFile = 208,
    InsecureSkipTls = 209,
    InsecureWithAuthority = 210,
    NotAuthority = 211,
    TwoMethods = 301,
    CertificateWithoutKey = 302,
    KeyWithoutCertificate = 303,
    TokenAndFile = 304,
    ExecNeverRuns = 305,
    ExecAndProvider = 306,
    ExecNoCommand = 307,
    ExecApiVersion = 308,
    ExecMode = 309,
    ExecVariable = 310,
    ExecNotFound = 311,
    ExecRelative = 312,
    ExecExposed = 313,
    ExecBlocked = 314,
    RemovedProvider = 315,
    Impersonation = 316,
    PlainSecret = 317,
    BlankInToken = 318,
    ProviderProgram = 319,
    DangerousVariable = 320,
    TokenElsewhere = 321,
    NoCredential = 322,
    Expired = 401,
    Expiring = 402,
    NotYetValid = 403,
    WeakKey = 404,
    BadCertificate = 405,
    BadKey = 406,
    KeyMismatch = 407,
    TokenExpired = 408,
    TokenExpiring = 409,
    BrokenBlock = 410,
    Omitted = 411,
    Encrypted = 412,
    Exposed = 501,
    OpenFolder = 502,
    StaleLock = 503,
    KubercRefused = 601,
    KubercIgnored = 602,
    KubercOdd = 603,
}

/// All rules, in the order of their codes.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    reading::RULES.iter().chain(entries::RULES).chain(trust::RULES).chain(preferences::RULES)
}

impl Code {
    /// The rule of this code.
    ///
    /// # Panics
    /// Never: a test checks that each code has a rule.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        match rules().find(|rule| rule.code == self) {
            Some(rule) => rule,
            None => unreachable!("each code has a row"),
        }
    }

    /// The severity of findings with this code.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.rule().severity
    }

    /// True if the code concerns reading a file, not its content.
    #[must_use]
    pub fn is_reading(self) -> bool {
        (self as u16) < 100
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KCX{:03}", *self as u16)
    }
}

impl FromStr for Code {
    type Err = ();

    /// Parses a code such as `KCX012`, case-insensitively.
    fn from_str(text: &str) -> Result<Code, ()> {
        let wanted = text.to_ascii_uppercase();
        Code::ALL.iter().copied().find(|code| code.to_string() == wanted).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_complete_rule_in_order() {
        let rows: Vec<Code> = rules().map(|rule| rule.code).collect();
        assert_eq!(rows, Code::ALL);
        assert!(rows.is_sorted());
        for rule in rules() {
            assert!(rule.title.len() < 80 && !rule.title.ends_with('.'), "{}", rule.code);
            assert!(rule.help.len() > 40 && rule.help.ends_with(['.', ')']), "{}", rule.code);
            assert!(!rule.example.is_empty(), "{}", rule.code);
            assert_eq!(rule.code.to_string().parse(), Ok(rule.code));
        }
        assert_eq!("kcx012".parse(), Ok(Code::NoHeader));
        assert_eq!("KCX12".parse::<Code>(), Err(()));
    }
}
