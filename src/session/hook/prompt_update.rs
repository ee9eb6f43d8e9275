//! What a shell evaluates at its prompt after a kubeconfig has changed.

use super::{Session, Shell};
use std::path::{Path, PathBuf};

/// The data for the prompt after a kubeconfig has changed.
#[derive(Debug)]
pub struct PromptUpdate<'s> {
    /// The text of the prompt, escaped for this shell.
    pub prompt: &'s str,
    /// `KUBECONFIG` at the time of the text.
    pub list: &'s str,
    /// The files whose changes the shell watches.
    pub files: &'s [PathBuf],
    /// For each of them the file whose modification time it is compared with; `None` if these cannot be written. Then a
    /// shell that needs them asks each time.
    pub companions: Option<&'s [PathBuf]>,
    /// True if the shell is to export the list.
    pub exports_list: bool,
    /// True if the shell is to export the text, for a program that draws the prompt.
    pub exports_prompt: bool,
    /// The session that takes the place of the shell's first one.
    pub session: Option<&'s Session>,
    /// For how many seconds the protection of the context is still lifted.
    pub lifted: Option<u64>,
    /// After how many seconds without a command the shell leaves the context.
    pub idle: Option<u64>,
    /// Which commands the guard can run without asking kcx.
    pub plain: Plain,
}

/// Which commands of the guarded programs need no judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// None.
    Nothing,
    /// Those that name no other context: the current one is not protected.
    Here,
    /// All: no context is protected.
    All,
}

impl Plain {
    /// Its word in the scripts of the hook.
    fn word(self) -> &'static str {
        match self {
            Plain::Nothing => "",
            Plain::Here => "here",
            Plain::All => "all",
        }
    }
}

impl Shell {
    /// The text that the hook evaluates after a kubeconfig has changed.
    #[must_use]
    pub fn prompt_update(self, prompt_update: &PromptUpdate<'_>) -> String {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let PromptUpdate { prompt, list, files, companions, exports_list, exports_prompt, session, .. } =
            *prompt_update;
        let PromptUpdate { lifted, idle, plain, .. } = *prompt_update;
        // Shells that can read modification times need no files to compare with.
        let reads_times = !matches!(self, Shell::Bash | Shell::Zsh);
        let watch: Vec<String> = match companions {
            _ if reads_times => files.iter().map(|file| text(file)).collect(),
            None => Vec::new(),
            Some(companions) => files
                .iter()
                .zip(companions)
                .flat_map(|(file, companion)| [text(file), text(companion)])
                .collect(),
        };
        let folder = session.map(|session| text(session.folder())).unwrap_or_default();
        if self == Shell::Nushell || self == Shell::Elvish {
            // These shells cannot evaluate code here, so they get data.
            let data = serde_json::json!({
                "prompt": prompt, "list": list, "watch": watch, "exports": exports_list, "session": folder,
                "left": lifted, "idle": idle, "plain": plain.word(),
            });
            return format!("{data}\n");
        }
        let mut update = self.assign("KCX_PROMPT", prompt)
            + &self.assign("__kcx_list", list)
            + &self.assign_list("__kcx_watch", &watch);
        if !reads_times {
            update += &self.assign("__kcx_again", if companions.is_none() { "yes" } else { "" });
        }
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        update += &self.assign("__kcx_left", &number(lifted));
        update += &self.assign("__kcx_idle", &number(idle));
        update += &self.assign("__kcx_plain", plain.word());
        if exports_prompt {
            update += &self.export("KCX_PROMPT", prompt);
        }
        if exports_list {
            update += &self.export("KUBECONFIG", list);
        }
        if session.is_some() {
            update += &self.assign("__kcx_mine", &folder);
            update += &self.export("KCX_SESSION", &folder);
        }
        update
    }
}
