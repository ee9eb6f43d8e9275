//! `kubectx -s` and `kubectx -r`: a shell that is locked to one context. Source: kubectx 0.11, `cmd/kubectx/shell_session.go`.
//!
//! Two intended differences: the file of the shell has no copy of a credential that `kcx-credential` can give instead, and
//! no kubectl is needed.

use super::super::World;
use super::super::error::Cause;
use super::super::fence::FenceArgs;
use super::super::messages::painted;
use super::super::shell::{self, ShellArgs};
use super::super::single_file::SingleFileFlags;
use super::{DropinError, refuse};
use crate::kubeconfig::Kind;
use crate::printer::quote;

/// Starts the shell. Its exit code counts for nothing, as in kubectx.
pub(super) fn start(context: &str, reads_only: bool, world: &mut World<'_>) -> Result<(), DropinError> {
    let merged = world.load()?.merged;
    let shown = quote::visible(context);
    if merged.find(Kind::Context, context).is_none() {
        return refuse(format!("no context exists with the name: \"{shown}\""));
    }
    let colors = world.colors_stderr();
    let (label, color, how) = match reads_only {
        false => ("ISOLATED", "41;37;1", " in this shell"),
        true => ("READONLY", "43;30;1", " in READ-ONLY mode"),
    };
    let badge = |text: &str| painted(&format!("[{label} SHELL{text}]"), color, colors);
    let marked = |context: &str| painted(&quote::visible(context), "33;1", colors);
    let entered =
        format!("{} kubectl context is {}{how} — type 'exit' to leave.\n", badge(""), marked(context));
    let left = format!("{} kubectl context is now {}.\n", badge(" EXITED"), marked(merged.current_context()));
    let args = ShellArgs {
        name: Some(context.to_owned()),
        single: SingleFileFlags { locked: true, embeds_if_needed: true, ..SingleFileFlags::default() },
        fence: FenceArgs { read_only: reads_only, ..FenceArgs::default() },
        greeting: Some(entered),
        ..ShellArgs::default()
    };
    match shell::run(&args, world) {
        Err(error) if !matches!(error.cause, Cause::Silent(_)) => Err(error.into()),
        _ => {
            world.tell(&left);
            Ok(())
        }
    }
}
