//! One fix, for messages and reports.

use crate::cli::error::{name, path};
use crate::kubeconfig::lint::{Code, Finding, Fixability};
use crate::kubeconfig::{Document, Kind, Position};
use std::path::{Path, PathBuf};

/// A fix that was made, or would be.
pub(in crate::cli::lint) struct Made {
    pub(in crate::cli::lint) code: Code,
    /// The file, as spelled.
    pub(in crate::cli::lint) file: PathBuf,
    /// The line in the file before this fix; `None` if it is about the file as a whole.
    pub(in crate::cli::lint) line: Option<usize>,
    pub(in crate::cli::lint) entry: Option<(Kind, String)>,
    pub(in crate::cli::lint) is_safe: bool,
    /// What was wrong, and what was done.
    pub(in crate::cli::lint) message: String,
    /// All of it as one line.
    pub(in crate::cli::lint) said: String,
}

impl Made {
    /// The fix of this finding; `did` says what was done, if the finding does not.
    pub(super) fn of(finding: &Finding, did: &str, file: &Path, document: &Document) -> Made {
        let line = finding.span.map(|span| Position::of(document.text(), span.start).line);
        let message = match (finding.code, did) {
            (Code::Yaml11, _) => {
                let word = finding.span.map(|span| span.of(document.text())).unwrap_or_default();
                format!("put {} in quotes", name(word))
            }
            (_, "") => finding.message.clone(),
            (_, did) => format!("{}; {did}", finding.message),
        };
        let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
        let code = finding.code;
        Made {
            code,
            file: file.to_owned(),
            line,
            entry: finding.entry.clone(),
            is_safe: finding.fixability() == Fixability::Safe,
            said: format!("{code} in {}{place}: {message}", path(file)),
            message,
        }
    }
}
