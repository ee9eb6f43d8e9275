//! The examples in the help of each command. A test runs them.

/// A command, and lines with their meaning.
pub type Examples = (&'static str, &'static [(&'static str, &'static str)]);

/// The examples by command.
pub const EXAMPLES: &[Examples] = &[
    (
        "use",
        &[
            ("kcx use staging", "switch to the context staging"),
            ("kcx use dev -n web", "and set its namespace"),
            ("kcx use -", "go back to the previous context"),
        ],
    ),
    (
        "ns",
        &[
            ("kcx ns web", "set the namespace of the current context"),
            ("kcx ns -", "go back to the previous namespace"),
            ("kcx ns --unset", "use the namespace default again"),
        ],
    ),
    ("shell", &[("kcx shell staging", "a shell on staging; `exit` returns to your shell")]),
    (
        "exec",
        &[
            ("kcx exec dev -- kubectl get pods", "run a command in one context"),
            ("kcx exec 'st*' dev --parallel 8 -- kubectl version", "in several, at the same time"),
        ],
    ),
    (
        "env",
        &[
            ("kcx env dev", "the exports that pin a context, for the .envrc of direnv"),
            ("kcx env dev -n web", "with a namespace"),
        ],
    ),
    (
        "protect",
        &[
            ("kcx protect", "list protected contexts"),
            ("kcx protect lift 10m staging", "do not ask about staging for 10 minutes"),
            ("kcx protect restore", "ask again"),
            ("kcx protect check -- kubectl delete ns web", "what a command would do, and where"),
        ],
    ),
    (
        "protect check",
        &[
            ("kcx protect check -- kubectl delete ns web", "the verdict on a command"),
            ("kcx protect check --line 'helm ls; make deploy'", "on a line of shell text"),
            ("kcx protect check -o json --line -", "on a line from stdin, for a hook"),
        ],
    ),
    ("protect lift", &[("kcx protect lift 10m staging", "do not ask about staging for 10 minutes")]),
    ("protect restore", &[("kcx protect restore", "ask about all protected contexts again")]),
    (
        "get",
        &[
            ("kcx get", "list the contexts"),
            ("kcx get users -o wide", "list the users, how they log in, and their files"),
            ("kcx get 'prod*' -o json", "contexts by pattern, for a script"),
        ],
    ),
    (
        "current",
        &[("kcx current", "where this shell is"), ("kcx current -o name", "only the name, for a script")],
    ),
    (
        "diff",
        &[
            ("kcx diff edge.yaml", "compare your kubeconfig with a file"),
            ("kcx diff edge.yaml other.yaml", "compare two files"),
        ],
    ),
    (
        "history",
        &[
            ("kcx history", "list the changes"),
            ("kcx history --switches", "list the contexts that this shell was on"),
            ("kcx history -o json", "for a script"),
        ],
    ),
    (
        "config",
        &[
            ("kcx config get-contexts", "as `kubectl config get-contexts`"),
            ("kcx config set-context --current --namespace=web", "every verb and flag of kubectl works"),
        ],
    ),
    ("copy", &[("kcx copy dev dev-web", "a second context for the same cluster and user")]),
    (
        "delete",
        &[
            ("kcx delete staging", "with its cluster and user, if nothing else uses them"),
            ("kcx delete 'old-*' --dry-run", "show what a pattern would delete"),
        ],
    ),
    (
        "edit",
        &[
            ("kcx edit", "open the kubeconfig in your editor"),
            ("kcx edit cluster kind-shop", "only the lines of one cluster"),
        ],
    ),
    (
        "prune",
        &[
            ("kcx prune --dry-run", "show which clusters and users are not in use"),
            ("kcx prune --contexts", "also remove contexts that lead nowhere"),
        ],
    ),
    (
        "rename",
        &[
            ("kcx rename production prod", "rename a context"),
            ("kcx rename cluster kind-shop shop", "a cluster, and every reference to it"),
        ],
    ),
    (
        "undo",
        &[
            ("kcx undo", "undo the last change"),
            ("kcx undo --dry-run", "show what that would change"),
            ("kcx undo 3", "undo the last three changes"),
        ],
    ),
    (
        "lint",
        &[
            ("kcx lint", "check your kubeconfigs"),
            ("kcx lint --fix", "apply the safe fixes"),
            ("kcx lint edge.yaml --fail-on warning", "check one file in CI"),
        ],
    ),
    (
        "export",
        &[
            ("kcx export staging -O staging.yaml", "a kubeconfig with one context"),
            ("kcx export dev staging --flatten", "with the contents of certificate files"),
            (
                "kcx export dev --as-service-account ci/bot -O bot.yaml",
                "with a token that ends after an hour",
            ),
        ],
    ),
    (
        "import",
        &[
            ("kcx import edge.yaml", "add the entries of a file to your kubeconfig"),
            ("kcx import edge.yaml --name edge2", "with other names; see --on-conflict, too"),
        ],
    ),
    (
        "merge",
        &[
            ("kcx merge edge.yaml other.yaml", "print two files as one"),
            ("kcx merge edge.yaml other.yaml -O both.yaml", "write them as one"),
        ],
    ),
    (
        "sync",
        &[
            ("kcx sync", "keep the contexts of all sources in step"),
            ("kcx sync lab --dry-run", "show what would change, as a diff"),
            ("kcx sync --prune", "remove the contexts of clusters that are gone"),
        ],
    ),
    (
        "source",
        &[
            ("kcx source add more dir clusters", "a source: the kubeconfigs in a folder"),
            ("kcx source test lab", "ask it for its clusters"),
            ("kcx source list", "the sources, and how many contexts each has brought"),
        ],
    ),
    (
        "source add",
        &[
            ("kcx source add more dir clusters", "the kubeconfigs in a folder"),
            ("kcx source add team git https://git.example/x.git branch=main", "those in a Git repository"),
            ("kcx source add eks aws regions=eu-west-1 --allow-exec aws", "the clusters of Amazon EKS"),
            ("kcx source add own command -- my-inventory --all", "what a program of yours prints"),
        ],
    ),
    ("source list", &[("kcx source list", "the sources, and how many contexts each has brought")]),
    ("source remove", &[("kcx source remove lab", "remove a source; its contexts stay")]),
    ("source script", &[("kcx source script aws", "the script of a recipe, as a start for your own")]),
    ("source test", &[("kcx source test lab", "ask a source for its clusters, and check the answers")]),
    ("split", &[("kcx split contexts", "one file for each context in the folder contexts")]),
    (
        "status",
        &[
            ("kcx status", "which clusters respond"),
            ("kcx status 'prod*' --timeout 3s -o json", "for a script"),
        ],
    ),
    ("whoami", &[("kcx whoami staging", "who you are for the cluster of staging")]),
    (
        "credential",
        &[
            ("kcx credential seal me", "move the secrets of the user me into the keychain"),
            ("kcx credential list", "where secrets are"),
            ("kcx credential unseal me", "move them back"),
        ],
    ),
    ("credential seal", &[("kcx credential seal me", "move the secrets of the user me into the keychain")]),
    ("credential unseal", &[("kcx credential unseal me", "write them back into the kubeconfig")]),
    ("credential exec", &[("kcx credential exec 1b4e28ba", "what kubectl runs for a sealed user")]),
    ("credential list", &[("kcx credential list", "where secrets are, and which are orphaned")]),
    ("credential get", &[("kcx credential get me", "print the secret of a sealed user into a pipe")]),
    ("credential set", &[("kcx credential set me", "store a new token, read from stdin")]),
    (
        "credential remove",
        &[("kcx credential remove me -y", "delete the secret permanently, without asking")],
    ),
    ("credential copy", &[("kcx credential copy me me2", "give another user the same secret")]),
    (
        "doctor",
        &[("kcx doctor", "look for what commonly goes wrong"), ("kcx doctor --all", "also what is in order")],
    ),
    (
        "settings",
        &[
            ("kcx settings show", "each setting, and where its value comes from"),
            ("kcx settings edit", "change them in your editor"),
        ],
    ),
    ("settings path", &[("kcx settings path", "the path of the file")]),
    ("settings show", &[("kcx settings show -o json", "for a script")]),
    ("settings edit", &[("kcx settings edit", "change them in your editor")]),
    ("settings check", &[("kcx settings check", "look for mistakes")]),
    ("settings schema", &[("kcx settings schema", "the JSON schema for your editor")]),
    ("version", &[("kcx version", "what this build has"), ("kcx version -o json", "for a script")]),
    (
        "init",
        &[("kcx init bash", "print the hook"), ("kcx init zsh --install", "write its line into ~/.zshrc")],
    ),
    (
        "prompt",
        &[
            ("kcx prompt", "the context and namespace"),
            ("kcx prompt --format '{short}{:namespace}'", "in your own format"),
            ("kcx prompt --preset starship", "settings for starship"),
            ("kcx prompt -o json", "the values, for a status bar"),
        ],
    ),
    ("completions", &[("kcx completions bash", "print the completion script")]),
    ("demo", &[("kcx demo", "your own files are not touched")]),
];
