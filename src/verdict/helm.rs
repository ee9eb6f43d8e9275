//! helm: its commands and flags.

use super::flags::{Call, Table};
use super::place::{Choice, Files, Place};
use super::scope::{Scope, named};
use super::word::Word;
use super::{Judge, Surroundings, Verdict};

/// The commands and flags of helm 3 and 4. A test compares them with the help of the real helm.
pub const HELM: Table = Table {
    text: include_str!("tables/helm.txt"),
    aliases: &[
        ("dependency", "dep"),
        ("dependency", "dependencies"),
        ("dependency list", "dependency ls"),
        ("dependency update", "dependency up"),
        ("history", "hist"),
        ("list", "ls"),
        ("plugin install", "plugin add"),
        ("plugin list", "plugin ls"),
        ("plugin uninstall", "plugin rm"),
        ("plugin uninstall", "plugin remove"),
        ("plugin update", "plugin up"),
        ("pull", "fetch"),
        ("repo list", "repo ls"),
        ("repo remove", "repo rm"),
        ("repo update", "repo up"),
        ("show", "inspect"),
        ("uninstall", "del"),
        ("uninstall", "delete"),
        ("uninstall", "un"),
    ],
    underscores: false,
};

impl Judge<'_> {
    pub(super) fn helm(&mut self, words: &[Word], scope: &mut Scope) {
        let call = HELM.read(&words[1..]);
        let places = self.helm_places(&call, scope);
        if call.lost {
            let why = "which command of helm it is is not known";
            return self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
        }
        let is_diff = call.path.is_empty() && call.operands.first().and_then(Word::known) == Some("diff");
        if is_diff && !words.iter().any(|word| word.start().starts_with("--post-renderer")) {
            return self.found(words, Verdict::Read, places, "the plugin `diff` only reads");
        }
        if self.found_shared(words, &call, "helm", &places) {
            return;
        }
        if call.has("post-renderer") {
            let why = "`--post-renderer` runs a program, which was not read";
            return self.found(words, Verdict::Unknown, places, why);
        }
        let (verdict, why) = match call.class {
            "read" => (Verdict::Read, format!("`helm {}` only reads", call.path)),
            _ if is_dry(&call) => (Verdict::Read, "`--dry-run` changes nothing".to_owned()),
            "dangerous" => (Verdict::Dangerous, "it deletes a release with all its objects".to_owned()),
            _ if ["force", "force-replace"].iter().any(|flag| call.may_be_on(flag)) => {
                (Verdict::Dangerous, "`--force` deletes objects and makes them again".to_owned())
            }
            _ => (Verdict::Write, format!("`helm {}` changes objects", call.path)),
        };
        self.found_call(words, &call, verdict, places, why);
    }

    /// Reports the verdict that is alike for all tools of this kind, if there is one. A read then acts on no context.
    pub(super) fn found_shared(&mut self, words: &[Word], call: &Call, tool: &str, places: &[Place]) -> bool {
        let Some((verdict, why)) = Self::shared_verdict(call, tool) else { return false };
        let places = if verdict == Verdict::Read { Vec::new() } else { places.to_vec() };
        self.found(words, verdict, places, why);
        true
    }

    /// The verdicts that are alike for all tools of this kind: help, commands that ask no cluster, flags and commands that
    /// the table does not have.
    fn shared_verdict(call: &Call, tool: &str) -> Option<(Verdict, String)> {
        if call.is_on("help") {
            return Some((Verdict::Read, "it prints help".to_owned()));
        }
        if call.path.is_empty() || call.class == "group" {
            return Some(match call.operands.first() {
                None => (Verdict::Read, "it prints help".to_owned()),
                Some(word)
                    if call.path.is_empty()
                        && matches!(word.start(), "help" | "__complete" | "__completeNoDesc") =>
                {
                    (Verdict::Read, "it prints help".to_owned())
                }
                Some(_) if call.path == "help" => (Verdict::Read, "it prints help".to_owned()),
                Some(word) => {
                    let path = if call.path.is_empty() { String::new() } else { format!(" {}", call.path) };
                    (Verdict::Unknown, format!("`{tool}{path} {}` is no command that kcx knows", word.raw()))
                }
            });
        }
        if let Some(flag) = &call.strange {
            return Some((
                Verdict::Unknown,
                format!("kcx does not know the flag {flag} of `{tool} {}`", call.path),
            ));
        }
        match call.class {
            "local" if call.has("post-renderer") => {
                Some((Verdict::Unknown, "`--post-renderer` runs a program, which was not read".to_owned()))
            }
            "local" => Some((Verdict::Read, format!("`{tool} {}` asks no cluster", call.path))),
            "plugin" => Some((Verdict::Unknown, "a plugin can run programs of its own".to_owned())),
            _ => None,
        }
    }

    fn helm_places(&self, call: &Call, scope: &Scope) -> Vec<Place> {
        let led = is_led(self.surroundings, scope, &["HELM_KUBEAPISERVER", "KUBERNETES_MASTER"]);
        if call.open || call.has("kube-apiserver") || led {
            return vec![Place::Unknown];
        }
        let flag = call.value("kube-context").map(named).filter(|choice| *choice != Choice::Current);
        let variable = || match &scope.helm_context {
            Some(choice) => Some(choice.clone()).filter(|choice| *choice != Choice::Current),
            None => self
                .surroundings
                .variable("HELM_KUBECONTEXT")
                .filter(|name| !name.is_empty())
                .map(Choice::Named),
        };
        places_in(call, flag.or_else(variable), scope)
    }
}

/// True if the line or the environment sets one of these variables, which name a server.
pub(super) fn is_led(surroundings: &dyn Surroundings, scope: &Scope, variables: &[&str]) -> bool {
    variables.iter().any(|name| match scope.server(name) {
        Some(set) => set,
        None => surroundings.variable(name).is_some(),
    })
}

/// The contexts of a tool with `--kubeconfig`.
pub(super) fn places_in(call: &Call, choice: Option<Choice>, scope: &Scope) -> Vec<Place> {
    let files = match call.value("kubeconfig").map(Word::known) {
        None | Some(Some("")) => scope.files(),
        Some(Some(file)) => Files::Listed(file.to_owned()),
        Some(None) => Files::Unknown,
    };
    scope.places_of(&files, choice)
}

fn is_dry(call: &Call) -> bool {
    let value = call.value("dry-run").and_then(Word::known);
    let is_dry = match (call.has("dry-run"), call.value("dry-run").is_some(), value) {
        (false, ..) => false,
        (true, false, _) => true,
        (true, true, value) => {
            value.is_some_and(|value| matches!(value, "client" | "server") || super::flags::is_true(value))
        }
    };
    is_dry && !call.open
}
