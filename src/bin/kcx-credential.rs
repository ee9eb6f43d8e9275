//! `kcx-credential`: the program that clients run for a sealed credential. It does nothing else.

use kcx::env::{Account, PluginInvocation};
use kcx::plugin::{self, PluginInputs, PluginRequest};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    kcx::secret::keep_memory_private();
    let called = PluginInvocation::real();
    let words: Vec<&str> = called.words.iter().map(String::as_str).collect();
    let answered = plugin::read(&words).and_then(|request| match request {
        PluginRequest::Text(text) => Ok((text.into_bytes().into(), None)),
        PluginRequest::Credential(reference) => {
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
            plugin::answer(&reference, &inputs).map(|answer| (answer.bytes, answer.warning))
        }
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
