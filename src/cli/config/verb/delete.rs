//! `config delete-cluster`, `delete-context`, `delete-user`.

use super::super::super::messages;
use super::super::call::Call;
use super::super::command_table::{Command, Verb};
use super::super::failure::ConfigError;
use super::super::flags::UsageError;
use super::super::help;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Kind, Merged};

pub(in super::super) fn cluster(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    delete(call, Kind::Cluster)
}

pub(in super::super) fn context(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    delete(call, Kind::Context)
}

pub(in super::super) fn user(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    delete(call, Kind::User)
}

const WARNING: &str =
    "warning: this removed your active context, use \"kcx config use-context\" to select a different one\n";

fn delete(call: &mut Call<'_, '_>, kind: Kind) -> Result<(), ConfigError> {
    // kubectl loads the files before it checks the number of arguments.
    let [name] = call.typed.args.as_slice() else {
        call.store.load()?;
        return match kind {
            Kind::User => {
                let command = Command::Verb(Verb::DeleteUser);
                Err(UsageError::usage("user to delete is required".to_owned(), command).into())
            }
            // kubectl prints the help and succeeds.
            _ => Ok(call.world.print(help::help(call.typed.verb))?),
        };
    };
    let name = name.clone();
    // In a session, the active context differs from that of the user's own files.
    let here = call.store.current_context()?;
    let store = call.own_store();
    let file = messages::path(store.default_path());
    let mut warn = false;
    let result = store.edit(|merged: &Merged| {
        if merged.find(kind, &name).is_none() {
            return Err(ConfigError::new(format!("cannot delete {} {name}, not in {file}", kind.word())));
        }
        warn = kind == Kind::Context && (merged.current_context() == name || here == name);
        Ok(vec![Change::Remove { kind, name: name.clone() }])
    });
    if warn {
        call.world.tell(WARNING);
    }
    let report = result?;
    call.world.tell_notes(&report);
    if kind == Kind::Context {
        call.update_overlays(&report, &name, None);
    }
    Ok(call.world.print_lines(&format!("deleted {} {name} from {file}\n", kind.word()))?)
}
