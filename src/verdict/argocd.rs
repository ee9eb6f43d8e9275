//! argocd: its commands and flags. It asks a server of its own, so the context is not known, but for `--core`.

use super::flags::Table;
use super::helm::places_in;
use super::place::{Choice, Place};
use super::scope::{Scope, named};
use super::word::Word;
use super::{Judge, Verdict};

/// The commands and flags of argocd 3, from its documentation.
pub const ARGOCD: Table = Table {
    text: include_str!("tables/argocd.txt"),
    aliases: &[
        ("context", "ctx"),
        ("proj", "project"),
        ("app", "application"),
        ("app", "apps"),
        ("cluster", "clusters"),
    ],
    underscores: false,
};

impl Judge<'_> {
    pub(super) fn argocd(&mut self, words: &[Word], scope: &mut Scope) {
        let call = ARGOCD.read(&words[1..]);
        let context = ["kube-context", "context"].iter().find_map(|flag| call.value(flag)).map(named);
        let asks_cluster =
            call.is_on("core") || call.is_on("port-forward") || call.path.starts_with("admin ");
        let places = match asks_cluster && !call.open && !call.has("cluster") {
            true => places_in(&call, context.filter(|it| *it != Choice::Current), scope),
            false => vec![Place::Unknown],
        };
        if call.lost {
            let why = "which command of argocd it is is not known";
            return self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
        }
        if self.found_shared(words, &call, "argocd", &places) {
            return;
        }
        let path = call.path.as_str();
        let (verdict, why) = match call.class {
            "read" => (Verdict::Read, format!("`argocd {path}` only reads")),
            _ if call.is_on("dry-run") && !call.open => {
                (Verdict::Read, "`--dry-run` changes nothing".to_owned())
            }
            "dangerous" => (
                Verdict::Dangerous,
                "it deletes objects, perhaps all of an application or a cluster".to_owned(),
            ),
            _ if ["prune", "force", "replace"].iter().any(|flag| call.may_be_on(flag))
                && path.starts_with("app ") =>
            {
                (Verdict::Dangerous, "`--prune`, `--force` and `--replace` delete objects".to_owned())
            }
            _ => (Verdict::Write, format!("`argocd {path}` changes objects")),
        };
        self.found_call(words, &call, verdict, places, why);
    }
}
