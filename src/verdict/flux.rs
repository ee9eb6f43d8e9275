//! flux: its commands and flags.

use super::flags::Table;
use super::helm::places_in;
use super::place::{Choice, Place};
use super::scope::{Scope, named};
use super::word::Word;
use super::{Judge, Verdict};

/// The commands and flags of flux 2, from its source.
pub const FLUX: Table = Table {
    text: include_str!("tables/flux.txt"),
    aliases: &[
        ("build kustomization", "build ks"),
        ("create helmrelease", "create hr"),
        ("create kustomization", "create ks"),
        ("debug helmrelease", "debug hr"),
        ("debug kustomization", "debug ks"),
        ("delete helmrelease", "delete hr"),
        ("delete kustomization", "delete ks"),
        ("diff kustomization", "diff ks"),
        ("export helmrelease", "export hr"),
        ("export kustomization", "export ks"),
        ("get alert-providers", "get alert-provider"),
        ("get alerts", "get alert"),
        ("get artifacts", "get artifact"),
        ("get helmreleases", "get helmrelease"),
        ("get helmreleases", "get hr"),
        ("get images", "get image"),
        ("get kustomizations", "get ks"),
        ("get kustomizations", "get kustomization"),
        ("get receivers", "get receiver"),
        ("get sources", "get source"),
        ("plugin list", "plugin ls"),
        ("plugin uninstall", "plugin delete"),
        ("plugin update", "plugin upgrade"),
        ("reconcile helmrelease", "reconcile hr"),
        ("reconcile kustomization", "reconcile ks"),
        ("resume helmrelease", "resume hr"),
        ("resume kustomization", "resume ks"),
        ("suspend helmrelease", "suspend hr"),
        ("suspend kustomization", "suspend ks"),
        ("tree kustomization", "tree ks"),
    ],
    underscores: false,
};

impl Judge<'_> {
    pub(super) fn flux(&mut self, words: &[Word], scope: &mut Scope) {
        let call = FLUX.read(&words[1..]);
        let places = match call.open || call.has("server") || call.has("cluster") {
            true => vec![Place::Unknown],
            false => {
                places_in(&call, call.value("context").map(named).filter(|it| *it != Choice::Current), scope)
            }
        };
        if call.lost {
            let why = "which command of flux it is is not known";
            return self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
        }
        if self.found_shared(words, &call, "flux", &places) {
            return;
        }
        let path = &call.path;
        let prints = call.is_on("export") && !call.open && (path.starts_with("create ") || path == "install");
        let (verdict, why) = match call.class {
            "read" => (Verdict::Read, format!("`flux {path}` only reads")),
            _ if prints => (Verdict::Read, "`--export` only prints".to_owned()),
            _ if call.is_on("dry-run") && !call.open => {
                (Verdict::Read, "`--dry-run` changes nothing".to_owned())
            }
            "dangerous" if path == "uninstall" => {
                (Verdict::Dangerous, "it deletes flux and its objects".to_owned())
            }
            "dangerous" => {
                (Verdict::Dangerous, "it may delete all that flux has made of this object".to_owned())
            }
            _ if path == "push artifact" || path == "tag artifact" => {
                (Verdict::Write, "clusters may deploy what it publishes".to_owned())
            }
            _ => (Verdict::Write, format!("`flux {path}` changes objects")),
        };
        self.found_call(words, &call, verdict, places, why);
    }
}
