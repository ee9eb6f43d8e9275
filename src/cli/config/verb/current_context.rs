//! `config current-context`.

use super::super::call::Call;
use super::super::failure::ConfigError;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let name = call.store.current_context()?;
    if name.is_empty() {
        return Err(ConfigError::new("current-context is not set"));
    }
    Ok(call.world.print_lines(&format!("{name}\n"))?)
}
