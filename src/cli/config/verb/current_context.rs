//! `config current-context`.

use super::super::call::Call;
use super::super::failure::Failure;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), Failure> {
    let name = call.store.current_context()?;
    if name.is_empty() {
        return Err(Failure::new("current-context is not set"));
    }
    Ok(call.world.print_lines(&format!("{name}\n"))?)
}
