//! The prompt.
use super::World;
use crate::session::hook::Shell;
pub(super) fn text(_shell: Shell, world: &mut World<'_>) -> String {
    world.load().map(|loaded| loaded.merged.current_context().to_owned()).unwrap_or_default()
}
