//! The help texts of `kcx config`: those of kubectl, with `kcx config` for `kubectl config`.
//!
//! To record them again: `for v in '' current-context …; do kubectl config $v --help | sed 's/kubectl config/kcx config/g'
//! > src/cli/config/help/${v:-config}.txt; done`, with the verbs of [`Verb::ALL`].

use super::command_table::Verb;

/// The help of a verb, or of `config` without a verb; ends with a newline.
///
/// ```
/// use kcx::cli::config::{help::help, command_table::Verb};
/// assert!(help(Some(Verb::View)).contains("kcx config view [flags] [options]"));
/// ```
pub fn help(verb: Option<Verb>) -> &'static str {
    let Some(verb) = verb else { return include_str!("help/config.txt") };
    match verb {
        Verb::CurrentContext => include_str!("help/current-context.txt"),
        Verb::DeleteCluster => include_str!("help/delete-cluster.txt"),
        Verb::DeleteContext => include_str!("help/delete-context.txt"),
        Verb::DeleteUser => include_str!("help/delete-user.txt"),
        Verb::GetClusters => include_str!("help/get-clusters.txt"),
        Verb::GetContexts => include_str!("help/get-contexts.txt"),
        Verb::GetUsers => include_str!("help/get-users.txt"),
        Verb::RenameContext => include_str!("help/rename-context.txt"),
        Verb::Set => include_str!("help/set.txt"),
        Verb::SetCluster => include_str!("help/set-cluster.txt"),
        Verb::SetContext => include_str!("help/set-context.txt"),
        Verb::SetCredentials => include_str!("help/set-credentials.txt"),
        Verb::Unset => include_str!("help/unset.txt"),
        Verb::UseContext => include_str!("help/use-context.txt"),
        Verb::View => include_str!("help/view.txt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_its_own_help() {
        for verb in Verb::ALL {
            let text = help(Some(verb));
            assert!(text.contains(&format!("\nUsage:\n  kcx config {} ", verb.name())), "{verb:?}");
            assert!(text.ends_with(" (applies to all commands).\n"), "{verb:?}");
            for flag in verb.own_flags() {
                assert!(text.contains(&format!("--{}=", flag.name)), "{verb:?} --{}", flag.name);
            }
        }
    }

    #[test]
    fn the_help_of_config_lists_every_verb() {
        let text = help(None);
        for verb in Verb::ALL {
            assert!(text.contains(&format!("\n  {:<17} {}\n", verb.name(), verb.short())), "{verb:?}");
        }
    }

    #[test]
    fn no_help_tells_to_type_kubectl_config() {
        assert!(
            Verb::ALL.into_iter().map(Some).chain([None]).all(|verb| !help(verb).contains("kubectl config"))
        );
    }
}
