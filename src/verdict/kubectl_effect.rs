//! What kubectl's commands do to objects, by their flags and operands.

use super::Verdict;
use super::flags::{Call, is_true};
use super::word::Word;

/// Kinds whose objects hold others, or data that is gone with them, and what that is.
const PRECIOUS: [(&[&str], &str); 7] = [
    (&["namespace", "namespaces", "ns", "project", "projects"], "a namespace and all that is in it"),
    (&["node", "nodes", "no"], "a node"),
    (&["persistentvolume", "persistentvolumes", "pv"], "a volume, perhaps with its data"),
    (
        &["persistentvolumeclaim", "persistentvolumeclaims", "pvc"],
        "a claim of a volume, perhaps with its data",
    ),
    (
        &["customresourcedefinition", "customresourcedefinitions", "crd", "crds"],
        "a kind and all objects of it",
    ),
    (&["apiservice", "apiservices"], "an API"),
    (&["all"], "objects of all usual kinds"),
];

/// What a command does, without the contexts.
type Answer = (Verdict, String);

fn answer(verdict: Verdict, why: impl Into<String>) -> Answer {
    (verdict, why.into())
}

/// What a command of kubectl does.
pub(super) fn effect(call: &Call) -> Answer {
    let path = call.path.as_str();
    if call.class == "read" {
        return answer(Verdict::Read, format!("`kubectl {path}` only reads"));
    }
    // A request of its own is sent in a dry run, too.
    let raw = call.has("raw");
    if let Some(dry) = dry_run(call).filter(|_| !raw) {
        return answer(Verdict::Read, format!("`--dry-run={dry}` changes nothing"));
    }
    let is_local =
        call.is_on("local") && matches!(path.split(' ').next(), Some("set" | "label" | "annotate" | "patch"));
    if is_local && !call.open {
        return answer(Verdict::Read, "`--local` asks no cluster");
    }
    let lists = call.is_on("list") && matches!(path, "label" | "annotate" | "set env");
    let sets = call
        .operands
        .iter()
        .skip(1)
        .any(|word| word.open().is_some() || word.start().contains('=') || word.start().ends_with('-'));
    if lists && !call.open && !sets {
        return answer(Verdict::Read, "`--list` only reads");
    }
    if let Some(why) = danger(call) {
        return answer(Verdict::Dangerous, why);
    }
    if path == "delete" {
        return delete(call);
    }
    if raw {
        return answer(Verdict::Write, "it sends a request to any path of the API");
    }
    if path == "create" && !call.operands.is_empty() && !call.has("filename") {
        return answer(Verdict::Unknown, "it is no object that kubectl creates by itself");
    }
    let why = match path {
        "exec" | "attach" => "it runs or reaches a program in a container".to_owned(),
        "cp" => "it runs `tar` in a container, and may write files there".to_owned(),
        "port-forward" => "it opens a way to a pod for other programs".to_owned(),
        "proxy" => "it opens the whole API to other programs".to_owned(),
        "debug" | "run" => "it starts a container".to_owned(),
        "create token" => "it creates a credential".to_owned(),
        "certificate approve" => "it makes a certificate valid".to_owned(),
        _ => format!("`kubectl {path}` changes objects"),
    };
    answer(Verdict::Write, why)
}

/// The value of `--dry-run` with which nothing is changed. kubectl refuses a value that it does not know.
fn dry_run(call: &Call) -> Option<String> {
    let (_, value) = call.flags.iter().rev().find(|(flag, _)| *flag == "dry-run")?;
    match value {
        None => Some("client".to_owned()),
        Some(value) => {
            let value = value.known()?;
            (matches!(value, "client" | "server") || is_true(value)).then(|| value.to_owned())
        }
    }
    .filter(|_| !call.open)
}

/// Why a command is dangerous.
fn danger(call: &Call) -> Option<String> {
    let path = call.path.as_str();
    let said = |why: &str| Some(why.to_owned());
    let zero = |flag: &str| {
        call.value(flag).is_some_and(|value| {
            value.known().is_none_or(|value| value.trim_start_matches('+').parse() == Ok(0))
        })
    };
    match path {
        "drain" => return said("it evicts all pods of a node"),
        "apply" if call.may_be_on("prune") => {
            return said("`--prune` deletes objects that are not in the files");
        }
        "apply" | "replace" if call.may_be_on("force") => {
            return said("`--force` deletes objects and makes them again");
        }
        "debug" if is_node(call) => return said("a container with the whole file system of a node"),
        "debug" if call.value("profile").is_some_and(|it| it.known().is_none_or(|it| it == "sysadmin")) => {
            return said("a privileged container");
        }
        "taint"
            if call
                .operands
                .iter()
                .any(|word| word.open().is_some() || word.start().ends_with(":NoExecute")) =>
        {
            return said("it evicts pods from nodes");
        }
        "scale" | "taint" | "label" | "annotate" | "rollout restart" if call.may_be_on("all") => {
            return said("`--all` means all objects of the kind");
        }
        "cordon" | "scale" | "taint" if call.has("selector") && path != "scale" => {
            return said("it acts on all nodes with these labels");
        }
        "scale" if zero("replicas") => return said("no pod is left"),
        "replace" | "delete" if call.has("raw") => return said("it sends a request to any path of the API"),
        _ => {}
    }
    if path != "delete" && path != "replace" {
        return None;
    }
    if zero("grace-period") {
        return said("`--grace-period=0` gives programs no time to end");
    }
    if path == "replace" {
        return None;
    }
    [
        ("all", "`--all` means all objects of the kind"),
        ("all-namespaces", "it deletes in all namespaces"),
        ("force", "`--force` does not wait until objects are gone"),
        ("selector", "it deletes all objects with these labels"),
        ("field-selector", "it deletes all objects with these fields"),
    ]
    .iter()
    .find(|(flag, _)| match *flag {
        "selector" | "field-selector" => call.has(flag),
        _ => call.may_be_on(flag),
    })
    .map(|(_, why)| (*why).to_owned())
    .or_else(|| {
        // Words with `/` name a kind each, else the first one names the kinds of all.
        let names_kind = |(at, word): &(usize, &Word)| *at == 0 || word.start().contains('/');
        let kinds = call.operands.iter().enumerate().filter(names_kind);
        kinds.filter_map(|(_, word)| precious(word.start())).map(|what| format!("it deletes {what}")).next()
    })
}

/// What is deleted with an object, if this word names a precious kind: `ns`, `ns/a`, `pods,ns`, `Namespace.v1.`.
fn precious(word: &str) -> Option<&'static str> {
    let kinds = word.split('/').next().unwrap_or_default().to_lowercase();
    kinds.split(',').find_map(|kind| {
        let kind = kind.split('.').next().unwrap_or_default();
        PRECIOUS.iter().find(|(names, _)| names.contains(&kind)).map(|(_, what)| *what)
    })
}

fn is_node(call: &Call) -> bool {
    call.operands.first().is_some_and(|word| {
        let kind = word.start().to_lowercase();
        word.open().is_some() && kind.is_empty()
            || ["node/", "nodes/", "no/"].iter().any(|node| kind.starts_with(node))
    })
}

fn delete(call: &Call) -> Answer {
    if call.has("filename") || call.has("kustomize") {
        return answer(Verdict::Unknown, "the files that name what is deleted were not read");
    }
    match call.operands.first() {
        Some(word) if word.open().is_some() && !word.start().contains('/') => {
            answer(Verdict::Unknown, "what it deletes is not known")
        }
        _ => answer(Verdict::Write, "it deletes objects"),
    }
}

/// True if a build may run programs of its files.
pub(super) fn runs_others(call: &Call) -> bool {
    ["enable-alpha-plugins", "enable-exec", "network"].iter().any(|flag| call.may_be_on(flag))
        || call.has("helm-command")
}
