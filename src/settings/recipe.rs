//! The recipes that a source may name: scripts of kcx that ask another program for kubeconfigs. The scripts are in
//! `src/source/recipes`.

/// A recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Its key in the settings, and the name of its script.
    pub name: &'static str,
    /// The option whose value may be given alone, in place of a mapping; empty if there is none.
    pub main: &'static str,
    /// Its options.
    pub options: &'static [&'static str],
    /// The options that may have several values.
    pub lists: &'static [&'static str],
    /// The options that must be given.
    pub required: &'static [&'static str],
    /// What it brings.
    pub about: &'static str,
}

/// The recipes, by name.
pub const RECIPES: [Recipe; 9] = [
    Recipe {
        name: "aws",
        main: "profile",
        options: &["labels", "profile", "regions", "role-arn"],
        lists: &["regions"],
        required: &[],
        about: "clusters of Amazon EKS, through `aws`",
    },
    Recipe {
        name: "azure",
        main: "subscription",
        options: &["resource-group", "subscription"],
        lists: &["subscription"],
        required: &[],
        about: "clusters of AKS, through `az`",
    },
    Recipe {
        name: "capi",
        main: "context",
        options: &["context", "namespace"],
        lists: &["namespace"],
        required: &[],
        about: "clusters that Cluster API manages, from its Secrets, through `kubectl`",
    },
    Recipe {
        name: "cluster-profile",
        main: "",
        options: &["api-version", "args", "command", "context", "namespace", "provider"],
        lists: &["args", "namespace"],
        required: &["command", "provider"],
        about: "clusters of the Cluster Inventory API (ClusterProfile), through `kubectl`",
    },
    Recipe {
        name: "gcloud",
        main: "project",
        options: &["location", "project"],
        lists: &["project"],
        required: &[],
        about: "clusters of GKE, through `gcloud`",
    },
    Recipe {
        name: "k3d",
        main: "",
        options: &[],
        lists: &[],
        required: &[],
        about: "clusters of k3d on this machine",
    },
    Recipe {
        name: "kind",
        main: "",
        options: &[],
        lists: &[],
        required: &[],
        about: "clusters of kind on this machine",
    },
    Recipe {
        name: "rancher",
        main: "",
        options: &[],
        lists: &[],
        required: &[],
        about: "clusters of Rancher, through `rancher`",
    },
    Recipe {
        name: "ssh",
        main: "hosts",
        options: &["command", "file", "hosts"],
        lists: &["hosts"],
        required: &["hosts"],
        about: "the kubeconfig of k3s, or another file, on other machines, through `ssh`",
    },
];

/// The recipe of this name.
pub(super) fn find(name: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.name == name)
}
