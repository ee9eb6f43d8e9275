//! The context of a shell that has left a protected one, because no command was typed for a while.
//!
//! Until its next prompt, such a shell is on a context that no kubeconfig has: a command that was typed at the old prompt fails
//! then, instead of running in another cluster than that prompt shows.

/// What its name begins with; the name of the context that was left follows.
const PREFIX: &str = "kcx-idle:";

/// The name of the context that a shell is on after it has left this one.
#[must_use]
pub fn after(context: &str) -> String {
    format!("{PREFIX}{context}")
}

/// The context that a shell has left, if it is on such a one.
///
/// ```
/// use kcx::session::idle;
/// assert_eq!(idle::left(&idle::after("prod")), Some("prod"));
/// assert_eq!(idle::left("prod"), None);
/// ```
#[must_use]
pub fn left(context: &str) -> Option<&str> {
    context.strip_prefix(PREFIX)
}
