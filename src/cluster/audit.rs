//! One line of JSON for each request to a read-only proxy: what was asked, and what came of it. No bodies, no headers, and
//! nothing of the query: selectors may contain what nobody should keep.

use crate::cluster::fence::Verb;
use serde_json::json;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The longest path that is written, in characters.
const PATH: usize = 1024;

/// Where the lines go. Several proxies may share it, and several processes may append to the same file.
pub struct Audit {
    file: Mutex<Box<dyn Write + Send>>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The cluster answered it.
    Passed,
    /// The proxy refused it.
    Refused,
    /// The cluster did not answer.
    Failed,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Refused => "refused",
            Verdict::Failed => "failed",
        }
    }
}

/// A request and its result.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'e> {
    /// The context of the proxy.
    pub context: &'e str,
    /// As in HTTP.
    pub method: &'e str,
    /// What it does.
    pub verb: Verb,
    /// As it was sent, without the query.
    pub path: &'e str,
    /// What came of it.
    pub verdict: Verdict,
    /// The status of the answer.
    pub status: u16,
    /// Why it was refused or failed.
    pub reason: Option<&'e str>,
}

impl Audit {
    /// `file` must append each write as a whole.
    pub fn new(file: impl Write + Send + 'static) -> Audit {
        Audit { file: Mutex::new(Box::new(file)) }
    }

    /// True if this may be the last line of such a file. A process that was killed may have written a part of one.
    #[must_use]
    pub fn has_written(line: &[u8]) -> bool {
        const FIELDS: [&str; 7] = ["time", "context", "verb", "method", "path", "verdict", "status"];
        match serde_json::from_slice::<serde_json::Value>(line) {
            Ok(line) => FIELDS.iter().all(|field| line.get(field).is_some()),
            Err(error) => error.is_eof() && line.starts_with(b"{\"time\":\""),
        }
    }

    /// Writes a line, in one call.
    ///
    /// # Errors
    /// The error of the file.
    pub fn write(&self, entry: &Entry<'_>) -> io::Result<()> {
        let mut path: String = entry.path.chars().take(PATH).collect();
        if path.len() < entry.path.len() {
            path.push('…');
        }
        let time = jiff::Timestamp::now();
        let mut line = json!({
            "time": format!("{time:.3}"),
            "context": entry.context,
            "verb": entry.verb.name(),
            "method": entry.method,
            "path": path,
            "verdict": entry.verdict.name(),
            "status": entry.status,
        });
        if let Some(reason) = entry.reason {
            line["reason"] = reason.into();
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::{Sender, channel};

    /// Each call arrives on its own.
    struct Calls(Sender<Vec<u8>>);

    impl Write for Calls {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_line_is_written_in_one_call_and_says_nothing_else() {
        let (sender, receiver) = channel();
        let audit = Arc::new(Audit::new(Calls(sender)));
        let entry = Entry {
            context: "prod\n",
            method: "GET",
            verb: Verb::List,
            path: "/api/v1/pods",
            verdict: Verdict::Passed,
            status: 200,
            reason: None,
        };
        audit.write(&entry).unwrap();
        let long = format!("/{}", "ü".repeat(5000));
        let refused =
            Entry { path: &long, verdict: Verdict::Refused, status: 403, reason: Some("no"), ..entry };
        audit.write(&refused).unwrap();
        let lines: Vec<Vec<u8>> = receiver.try_iter().collect();
        assert_eq!(lines.len(), 2);
        let first: serde_json::Value = serde_json::from_slice(&lines[0]).unwrap();
        let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["time", "context", "verb", "method", "path", "verdict", "status"]);
        assert!(first["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert_eq!((first["verb"].as_str(), first["status"].as_u64()), (Some("list"), Some(200)));
        let second: serde_json::Value = serde_json::from_slice(&lines[1]).unwrap();
        assert_eq!(second["reason"], "no");
        assert!(second["path"].as_str().unwrap().chars().count() <= PATH + 1);
        assert!(lines.iter().all(|line| Audit::has_written(line)));
        assert!(Audit::has_written(&lines[0][..40]));
        for other in ["", "{}", "kind: Config", "{\"kind\":\"Config\"}", "{\"time\":\"", "[1"] {
            let is_begun = other == "{\"time\":\"";
            assert_eq!(Audit::has_written(other.as_bytes()), is_begun, "{other}");
        }
        assert!(lines.iter().all(|line| line.iter().filter(|byte| **byte == b'\n').count() == 1));
    }
}
