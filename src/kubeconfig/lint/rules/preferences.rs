//! Findings about kuberc, the preferences of kubectl.

use super::Code::{KubercIgnored, KubercOdd, KubercRefused};
use super::Fixability::No;
use super::Severity::{Error, Warning};
use super::{Rule, rule};

pub(super) static RULES: &[Rule] = &[
    rule(
        KubercRefused,
        Error,
        No,
        [
            "a kuberc with which kubectl runs nothing",
            "kubectl checks its preferences before it runs any command, and fails with what the finding says. kcx starts no credential plugin then. credentialPluginPolicy is AllowAll, DenyAll or Allowlist, with a credentialPluginAllowlist of commands for the last of these and for no other.",
            "credentialPluginPolicy: denyall\n",
        ],
    ),
    rule(
        KubercIgnored,
        Warning,
        No,
        [
            "a kuberc that kubectl does not read",
            "kubectl warns, and goes on as if there were no preferences: a credentialPluginPolicy in the file forbids nothing. Only a document of apiVersion kubectl.config.k8s.io/v1beta1 and kind Preference counts, with the right types in all its fields.",
            "credentialPluginPolicy: [DenyAll]\n",
        ],
    ),
    rule(
        KubercOdd,
        Warning,
        No,
        [
            "a kuberc that is not read as it is written",
            "kubectl warns about a field that it does not know, and of a key that is there twice it takes the later value. Look at what was meant: a policy under another name forbids nothing.",
            "credentialPluginPolicy: DenyAll\ncredentialPluginPolicy: AllowAll\n",
        ],
    ),
];
