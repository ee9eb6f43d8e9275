//! `kcx-credential`: the program that clients run for a credential that their kubeconfig does not contain. It does nothing
//! else.

use kcx::env::{Account, PluginInvocation};
use kcx::plugin::{self, PluginError, PluginInputs, PluginRequest, PluginResponse};
use kcx::secret::Secret;
use std::io::{self, Write};
use std::process::ExitCode;

/// The bytes to print, and a warning with what to type next.
type Answer = Result<(Secret, Option<(String, String)>), PluginError>;

fn main() -> ExitCode {
    kcx::secret::keep_memory_private();
    let called = PluginInvocation::real();
    let words: Vec<&str> = called.words.iter().map(String::as_str).collect();
    let answered = plugin::read(&words).and_then(|request| match request {
        PluginRequest::Text(text) => Ok((text.into_bytes().into(), None)),
        PluginRequest::Credential(reference) => ask(&called, |inputs| plugin::answer(&reference, inputs)),
        PluginRequest::Own(own) => ask(&called, |inputs| plugin::answer_own(&own, inputs)),
    });
    let mut stderr = io::stderr();
    match answered {
        Ok((bytes, warning)) => {
            if let Some((warning, hint)) = warning {
                let _ = write!(stderr, "warning: {warning}\nhint: {hint}\n");
            }
            let mut stdout = io::stdout().lock();
            match stdout.write_all(bytes.bytes()).and_then(|()| stdout.flush()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(failure) => {
            let _ = write!(stderr, "{failure}");
            ExitCode::from(failure.code)
        }
    }
}

fn ask(
    called: &PluginInvocation,
    answer: impl FnOnce(&PluginInputs<'_>) -> Result<PluginResponse, PluginError>,
) -> Answer {
    let account = Account::real();
    let [stdin_is_terminal, stderr_is_terminal, stdout_is_terminal] = called.terminals;
    let inputs = PluginInputs {
        exec_info: called.exec_info.as_deref(),
        account: &account,
        data: account.data.as_deref(),
        cwd: &called.cwd,
        stdin_is_terminal,
        stderr_is_terminal,
        stdout_is_terminal,
    };
    answer(&inputs).map(|answer| (answer.bytes, answer.warning))
}
