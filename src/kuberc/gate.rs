//! Whether a credential plugin may be started: kubectl's decision, asked before each start.

use super::Kuberc;
use super::load::own;
use crate::env::{Env, NoProgram};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// kubectl's preferences as far as they decide about credential plugins. They are read when the first plugin is asked
/// about, and once: whoever has no plugin pays nothing.
pub struct Gate {
    env: Env,
    read: OnceLock<Result<Kuberc, String>>,
}

/// Why a plugin is not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// kubectl would not start it.
    Refused(Refusal),
    /// There is no such program.
    Missing(NoProgram),
}

/// kubectl's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In kubectl's words.
    pub why: String,
    /// The kuberc that says so.
    pub file: Option<PathBuf>,
    /// It is not about this plugin: with this kuberc kubectl runs no command at all.
    pub invalid: bool,
}

impl Gate {
    /// A gate that obeys the preferences of this environment.
    #[must_use]
    pub fn new(env: &Env) -> Gate {
        Gate { env: env.clone(), read: OnceLock::new() }
    }

    /// Finds the program of this `exec.command`, if kubectl would start it; a relative path is made absolute before.
    ///
    /// # Errors
    /// kubectl would not, or there is no such program.
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
        // A path is started as it is: the system says what is wrong with it.
        let is_path = command.components().count() > 1 || command.is_absolute();
        if is_path { Ok(command.to_owned()) } else { find(command).map_err(Blocked::Missing) }
    }
}
