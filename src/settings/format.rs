//! The format of the prompt: which of its braces name a field.

/// The fields of a format.
pub const FIELDS: [&str; 8] = ["context", "short", "namespace", "cluster", "user", "scope", "label", "mode"];

/// The words in the first braces that look like a field and name none of them. Braces without letters are text, and so are
/// those of tmux, zsh and shells: `#{…}`, `%{…}`, `${…}`.
///
/// ```
/// use kcx::settings::unknown_field;
/// assert_eq!(unknown_field("{short}{:namspace}"), Some(":namspace"));
/// assert_eq!(unknown_field("{short}{:namespace} #{host} {}"), None);
/// ```
#[must_use]
pub fn unknown_field(format: &str) -> Option<&str> {
    let (mut rest, mut before) = (format, None);
    while let Some(open) = rest.find('{') {
        let marked = rest[..open].chars().next_back().or(before);
        let after = &rest[open + 1..];
        let inside =
            after.find(['{', '}']).filter(|at| after[*at..].starts_with('}')).map(|len| &after[..len]);
        let names_none = |inside: &str| {
            let mut words = inside.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
            words.clone().next().is_some() && !words.any(|word| FIELDS.contains(&word))
        };
        if let Some(inside) = inside.filter(|inside| names_none(inside))
            && !matches!(marked, Some('#' | '%' | '$'))
        {
            return Some(inside);
        }
        (rest, before) = (after, Some('{'));
    }
    None
}
