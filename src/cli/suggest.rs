//! "Did you mean": the known name nearest to a typed one. It is only a hint; nothing is selected by it.

/// Words of other tools, and what they are here.
pub(super) const FOREIGN: [(&str, &str); 33] = [
    ("add", "`kcx import FILE` adds the entries of a kubeconfig to yours"),
    ("alias", "`kcx rename OLD NEW` changes the name of a context"),
    ("clean", "`kcx prune` removes clusters and users that no context names"),
    ("clear", "`kcx prune --contexts` removes contexts that lead nowhere"),
    ("clusters", "`kcx get clusters` lists them"),
    ("context", "`kcx use NAME` switches to a context, `kcx get` lists them"),
    ("contexts", "`kcx get` lists them"),
    ("cp", "`kcx copy OLD NEW` copies a context"),
    ("current-context", "`kcx current` shows it; `kcx config current-context` works as in kubectl"),
    (
        "delete-context",
        "`kcx delete NAME` deletes a context; `kcx config delete-context` works as in kubectl",
    ),
    ("describe", "`kcx get NAME -o yaml` prints a context"),
    ("get-contexts", "`kcx get` lists them; `kcx config get-contexts` works as in kubectl"),
    ("info", "`kcx current` shows the current context, `kcx status` queries the clusters"),
    ("login", "kcx does not log in: log in with your provider's tool, then `kcx import FILE`"),
    ("logout", "kcx does not log out: use your provider's tool"),
    ("ls", "`kcx get` lists contexts, `kcx get users` users"),
    ("mv", "`kcx rename OLD NEW` renames a context"),
    ("namespace", "`kcx ns NAME` sets the namespace of the current context"),
    ("namespaces", "`kcx get namespaces` lists the namespaces of the cluster"),
    ("redo", "an undo is a change, too: `kcx undo` undoes it"),
    ("remove", "`kcx delete NAME` deletes a context with its cluster and user"),
    (
        "rename-context",
        "`kcx rename OLD NEW` renames a context; `kcx config rename-context` works as in kubectl",
    ),
    ("restore", "`kcx undo` undoes the last change, `kcx history` lists the changes"),
    ("rm", "`kcx delete NAME` deletes a context with its cluster and user"),
    (
        "search",
        "`kcx get '*PART*'` lists the contexts that contain a text; `kcx` on a terminal filters as you type",
    ),
    ("set", "`kcx use NAME` switches; `kcx config set PATH VALUE` sets a field, as kubectl does"),
    ("set-context", "`kcx ns NAME` sets the namespace; `kcx config set-context` works as in kubectl"),
    ("show", "`kcx get NAME` shows a context; `kcx config view` prints the kubeconfig, as kubectl does"),
    ("switch", "`kcx use NAME` switches to a context"),
    ("unset", "`kcx use --unset` unsets the current context"),
    ("use-context", "`kcx use NAME` switches to a context; `kcx config use-context` works as in kubectl"),
    ("users", "`kcx get users` lists them"),
    ("view", "`kcx config view` prints the kubeconfig, as kubectl does"),
];

/// The name that was probably meant: equal except for case, at edit distance one or two, or the only one that contains the
/// typed text.
///
/// ```
/// use kcx::cli::suggest::near;
/// assert_eq!(near("prod-eu", &["dev", "prod-eu1"]), Some("prod-eu1"));
/// assert_eq!(near("shop", &["arn:aws:eks:eu-west-1:1:cluster/shop", "dev"]), Some("arn:aws:eks:eu-west-1:1:cluster/shop"));
/// assert_eq!(near("x", &["dev", "prod"]), None);
/// ```
#[must_use]
pub fn near<'n>(wanted: &str, names: &[&'n str]) -> Option<&'n str> {
    let lower = wanted.to_lowercase();
    if let Some(same) = names.iter().find(|name| name.to_lowercase() == lower) {
        return Some(same);
    }
    let slips = match wanted.chars().count() {
        0..5 => 1,
        5..8 => 2,
        _ => 3,
    };
    let distance = |name: &str| strsim::osa_distance(&lower, &name.to_lowercase());
    let near = names
        .iter()
        // Names of one or two letters are at edit distance one from too many others.
        .filter(|name| wanted.len().abs_diff(name.len()) <= 4 * slips && name.chars().count() > slips)
        .map(|name| (distance(name), *name))
        .filter(|(distance, _)| *distance <= slips)
        .min();
    if let Some((_, near)) = near {
        return Some(near);
    }
    let mut containing = names.iter().filter(|name| lower.len() > 1 && name.to_lowercase().contains(&lower));
    match (containing.next(), containing.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// The names that begin with a text, else those that contain it.
///
/// ```
/// use kcx::cli::suggest::containing;
/// assert_eq!(containing("pay", &["arn:cluster/payments", "dev"]), ["arn:cluster/payments"]);
/// assert_eq!(containing("DEV", &["dev-eu", "dev-us", "my-dev"]), ["dev-eu", "dev-us"]);
/// ```
#[must_use]
pub fn containing<'n>(wanted: &str, names: &[&'n str]) -> Vec<&'n str> {
    let lower = wanted.to_lowercase();
    let all = |holds: fn(&str, &str) -> bool| -> Vec<&'n str> {
        names.iter().copied().filter(|name| holds(&name.to_lowercase(), &lower)).collect()
    };
    let starting = all(|name, lower| name.starts_with(lower));
    if starting.is_empty() { all(|name, lower| name.contains(lower)) } else { starting }
}

/// The names that a short form can mean: those that begin with it, else those with its letters in this order.
///
/// ```
/// use kcx::cli::suggest::meant;
/// assert_eq!(meant("pr", &["dev", "prod", "web-pr"]), ["prod"]);
/// assert_eq!(meant("PEU", &["prod-eu1", "prod-us1"]), ["prod-eu1"]);
/// ```
#[must_use]
pub fn meant<'n>(wanted: &str, names: &[&'n str]) -> Vec<&'n str> {
    let lower = wanted.to_lowercase();
    let starting: Vec<&str> =
        names.iter().copied().filter(|name| name.to_lowercase().starts_with(&lower)).collect();
    if !starting.is_empty() {
        return starting;
    }
    let in_order = |name: &&str| {
        let name = name.to_lowercase();
        let mut letters = name.chars();
        lower.chars().all(|wanted| letters.any(|letter| letter == wanted))
    };
    names.iter().copied().filter(in_order).collect()
}
