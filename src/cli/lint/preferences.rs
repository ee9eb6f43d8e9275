//! Findings about kuberc: what kubectl refuses, ignores, or reads differently from how it looks.

use super::files::Group;
use crate::env::Env;
use crate::file;
use crate::file::limits;
use crate::kubeconfig::Place;
use crate::kubeconfig::lint::{Code, Finding};
use crate::kuberc::{self, Effect};
use std::io;
use std::path::{Path, PathBuf};

/// The findings about the user's own kuberc; `None` if there are none.
pub(super) fn own(env: &Env) -> Option<Group> {
    let file = kuberc::file(env)?;
    let asked_for = kuberc::is_explicit(env);
    let found = match file::read(&env.cwd.join(&file), limits::KUBERC) {
        Ok((bytes, _)) => findings(&bytes, asked_for),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !asked_for => return None,
        Err(error) => {
            let why = super::super::messages::io_error(&error);
            let code = if asked_for { Code::KubercRefused } else { Code::KubercIgnored };
            vec![Finding::about(code, 0, None, format!("kuberc cannot be read: {why}"))]
        }
    };
    (!found.is_empty()).then(|| Group::only(file, found))
}

/// The findings about this file, if it is a kuberc.
pub(super) fn named(word: &str, env: &Env) -> Option<Group> {
    let path = PathBuf::from(word);
    let (bytes, _) = file::read(&env.absolute(Path::new(word)), limits::KUBERC).ok()?;
    let is_kuberc = memchr::memmem::find(&bytes, b"kubectl.config.k8s.io/").is_some()
        && memchr::memmem::find(&bytes, b"Preference").is_some();
    is_kuberc.then(|| Group::only(path, findings(&bytes, false)))
}

/// The findings about the text of a kuberc.
fn findings(bytes: &[u8], asked_for: bool) -> Vec<Finding> {
    let text = String::from_utf8_lossy(bytes);
    let finding = |problem: kuberc::Problem| {
        let (code, what) = match problem.effect {
            Effect::Refused => (Code::KubercRefused, "every kubectl command fails with this kuberc"),
            Effect::Ignored if asked_for => {
                (Code::KubercRefused, "every kubectl command fails with this kuberc")
            }
            Effect::Ignored => (Code::KubercIgnored, "kubectl ignores this kuberc, including its policy"),
            Effect::Odd => (Code::KubercOdd, "kubectl reads this differently from how it is written"),
        };
        let place = problem.span.map(|span| Place::of(&text, span));
        let why = crate::printer::quote::visible(&problem.what).into_owned();
        Finding::about(code, 0, place, format!("{what}: {why}"))
    };
    kuberc::problems(bytes).into_iter().map(finding).collect()
}
