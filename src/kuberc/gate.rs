//! Decides before each start of a credential plugin whether kubectl would start it.

use super::Kuberc;
use super::load::own;
use crate::env::{Env, NoProgram};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// kubectl's preferences about credential plugins. They are read once, for the first plugin: without plugins there is
/// no cost.
pub struct Gate {
    /// The part of the environment that decides: where kuberc is, and where programs are.
    env: Env,
    read: OnceLock<Result<Kuberc, String>>,
}

/// Why a plugin is not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// kubectl would refuse to start it.
    #[error(transparent)]
    Refused(Refusal),
    /// There is no such program.
    #[error(transparent)]
    Missing(NoProgram),
}

/// A refusal of kubectl.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// The reason, in kubectl's words.
    pub why: String,
    /// The kuberc with that rule.
    pub file: Option<PathBuf>,
    /// The kuberc is invalid: kubectl runs no command at all with it.
    pub invalid: bool,
}

impl Gate {
    /// A gate for the preferences of this environment.
    #[must_use]
    pub fn new(env: &Env) -> Gate {
        let env = Env {
            kuberc: env.kuberc.clone(),
            kuberc_disabled: env.kuberc_disabled,
            home: env.home.clone(),
            path: env.path.clone(),
            cwd: env.cwd.clone(),
            ..Env::default()
        };
        Gate { env, read: OnceLock::new() }
    }

    /// Finds the program of this `exec.command`, if kubectl would start it; the caller makes a relative path absolute
    /// first.
    ///
    /// # Errors
    /// Fails if kubectl would refuse it, or if there is no such program.
    pub fn admit(&self, command: &Path) -> Result<PathBuf, Blocked> {
        let kuberc = self.read.get_or_init(|| own(&self.env).map(|own| own.kuberc.unwrap_or_default()));
        let refusal = |why: String, invalid| {
            Blocked::Refused(Refusal { why, file: super::load::file(&self.env), invalid })
        };
        let kuberc = kuberc.as_ref().map_err(|why| refusal(why.clone(), true))?;
        kuberc.validate().map_err(|why| refusal(why, true))?;
        let policy = kuberc.policy().map_err(|why| refusal(why, true))?;
        let find = |program: &Path| self.env.find_program(program);
        policy.check(command, &find).map_err(|why| refusal(why, false))?;
        // A path is started directly: the system reports what is wrong with it.
        let is_path = command.components().count() > 1 || command.is_absolute();
        if is_path { Ok(command.to_owned()) } else { find(command).map_err(Blocked::Missing) }
    }
}
