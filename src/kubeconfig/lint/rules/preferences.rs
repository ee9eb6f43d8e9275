//! The rules about kuberc, kubectl's preferences.

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
            "a kuberc with which every kubectl command fails",
            "kubectl checks its preferences before it runs a command, and fails with the error in the finding. kcx then starts no credential plugin. credentialPluginPolicy is AllowAll, DenyAll or Allowlist, with a credentialPluginAllowlist of commands for the last of these and for no other.",
            "credentialPluginPolicy: denyall\n",
        ],
    ),
    rule(
        KubercIgnored,
        Warning,
        No,
        [
            "a kuberc that kubectl does not read",
            "kubectl prints a warning and continues without preferences: a credentialPluginPolicy in the file has no effect. Only a document with apiVersion kubectl.config.k8s.io/v1beta1, kind Preference and the right types in all fields is read.",
            "credentialPluginPolicy: [DenyAll]\n",
        ],
    ),
    rule(
        KubercOdd,
        Warning,
        No,
        [
            "a kuberc with unknown or duplicate keys",
            "kubectl prints a warning about an unknown field, and uses the last value of a duplicate key. Check what was meant: a policy under a misspelled name has no effect.",
            "credentialPluginPolicy: DenyAll\ncredentialPluginPolicy: AllowAll\n",
        ],
    ),
];
