//! The fields of an updated entry, for messages.

use super::error::name;
use crate::kubeconfig::import::Fields;

/// What an update does to the fields of an entry: `replaced `server`; kept your `proxy-url``.
pub(super) fn shown(fields: &Fields) -> String {
    let parts = [
        ("replaced", &fields.replaced),
        ("added", &fields.added),
        ("removed", &fields.removed),
        ("kept your", &fields.kept),
    ];
    let parts = parts.iter().filter(|(_, fields)| !fields.is_empty()).map(|(done, fields)| {
        let fields: Vec<String> = fields.iter().map(|field| name(field)).collect();
        format!("{done} {}", fields.join(", "))
    });
    parts.collect::<Vec<_>>().join("; ")
}
