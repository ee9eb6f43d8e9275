//! The problems of a kuberc text, and where they are: for `kcx lint`.

use super::NoPreferences;
use super::decode::{self, Chosen};
use crate::kubeconfig::Span;
use crate::kubeconfig::yaml::{Part, Yaml};

/// A problem of a kuberc text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its effect on kubectl.
    pub effect: Effect,
    /// The problem, in kubectl's words if it has any.
    pub what: String,
    /// Its place in the text, if known.
    pub span: Option<Span>,
}

/// The effect of a problem on kubectl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// kubectl refuses to run with this file.
    Refused,
    /// kubectl ignores the whole file.
    Ignored,
    /// kubectl reads the file, but not everything in it.
    Odd,
}

/// Checks a kuberc text. Returns nothing if kubectl reads all of it.
///
/// ```
/// use kcx::kuberc::{Effect, problems};
/// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Bogus\n";
/// let found = problems(text.as_bytes());
/// assert_eq!(found[0].effect, Effect::Refused);
/// assert_eq!(found[0].span.unwrap().of(text), "Bogus");
/// ```
#[must_use]
pub fn problems(text: &[u8]) -> Vec<Problem> {
    let chosen = match decode::chosen(text) {
        Ok(None) => return Vec::new(),
        Ok(Some(chosen)) => chosen,
        Err(why) => {
            let what = why.to_string();
            let (effect, what, span) = match &why {
                NoPreferences::Unsure { line, .. } => (Effect::Refused, what, line_of(text, *line)),
                NoPreferences::Separator(_) => (Effect::Ignored, what, None),
                NoPreferences::NoneValid => {
                    let (more, span) = invalid(text);
                    (Effect::Ignored, format!("{what}: {more}"), span)
                }
            };
            return vec![Problem { effect, what, span }];
        }
    };
    let mut found = Vec::new();
    let field = Fields::of(text, &chosen);
    if let Err(why) = chosen.kuberc.validate() {
        let names: &[&str] = if why.contains("alias name") {
            &["aliases"]
        } else if why.starts_with("flag name") {
            &["defaults", "overrides", "aliases"]
        } else if why.contains("unspecified") || why.starts_with("unknown plugin policy") {
            &["credentialPluginPolicy"]
        } else {
            &["credentialPluginAllowlist", "credentialPluginPolicy"]
        };
        found.push(Problem { effect: Effect::Refused, what: why, span: field.value(names) });
    }
    for complaint in &chosen.complaints {
        for what in complaint.strip_prefix("yaml: unmarshal errors:\n").unwrap_or(complaint).lines() {
            let (line, what) = match what.trim().strip_prefix("line ").and_then(|rest| rest.split_once(": "))
            {
                Some((line, what)) => (line.parse().ok().map(|line: usize| line + chosen.line), what),
                None => (None, what),
            };
            let name =
                what.strip_prefix("unknown field \"").and_then(|rest| rest.split(['.', '[', '"']).next());
            let span = line.and_then(|line| line_of(text, line)).or_else(|| field.key(name?));
            found.push(Problem { effect: Effect::Odd, what: what.to_owned(), span });
        }
    }
    found
}

/// A line of the text, counted from 1, without surrounding blanks.
fn line_of(text: &[u8], line: usize) -> Option<Span> {
    let text = std::str::from_utf8(text).ok()?;
    let mut start = 0;
    let mut lines = text.split_inclusive('\n');
    for _ in 1..line {
        start += lines.next()?.len();
    }
    let found = lines.next()?;
    let begins = start + found.len() - found.trim_start().len();
    Some(Span::new(begins, begins + found.trim().len()))
}

/// Why no document of a text is a `Preference`, and where: a wrong type in one that claims to be, else invalid YAML.
fn invalid(text: &[u8]) -> (String, Option<Span>) {
    let mut broken = None;
    for span in decode::documents(text).into_iter().flatten() {
        let document = &text[span.clone()];
        let at = |place: Span| Some(Span::new(place.start + span.start, place.end + span.start));
        let yaml = match Yaml::parse(document.to_vec()) {
            Ok(yaml) => yaml,
            Err(error) => {
                let place = error.place.as_ref().and_then(|place| at(place.span));
                broken.get_or_insert((error.problem.to_string(), place));
                continue;
            }
        };
        let Some(fields) = yaml.root().and_then(|root| root.fields().ok().flatten()) else { continue };
        let is = |name: &str, want: &str| {
            let value = fields.iter().find(|(it, ..)| it == name).and_then(|(.., value)| value.value().ok());
            value.and_then(|value| value.as_str().map(|text| text.starts_with(want))).unwrap_or_default()
        };
        if !is("kind", "Preference") || !is("apiVersion", "kubectl.config.k8s.io/v1") {
            continue;
        }
        for (name, _, value) in &fields {
            let Ok(read) = value.value() else { continue };
            let want = match name.as_str() {
                "credentialPluginPolicy" => (read.is_string(), "must be a string"),
                "credentialPluginAllowlist" | "aliases" | "defaults" | "overrides" => {
                    let items = read.as_array().is_some_and(|items| items.iter().all(|it| it.is_object()));
                    (items, "must be a list of mappings")
                }
                _ => continue,
            };
            if let (false, why) = want
                && !read.is_null()
            {
                return (format!("{name} {why}"), at(value.span()));
            }
        }
        return ("a field in it has a value of the wrong type".to_owned(), None);
    }
    let none = || ("no document is a Preference of kubectl.config.k8s.io/v1beta1".to_owned(), None);
    broken.unwrap_or_else(none)
}

/// The fields of the document that kubectl uses, with their spans in the whole text.
struct Fields {
    all: Vec<(String, Span, Span)>,
}

impl Fields {
    fn of(text: &[u8], chosen: &Chosen) -> Fields {
        let document = &text[chosen.span.clone()];
        let marked = document.starts_with("\u{feff}".as_bytes());
        let yaml = std::str::from_utf8(document).ok().and_then(|it| Yaml::parse(it.as_bytes().to_vec()).ok());
        let fields = yaml.as_ref().and_then(Yaml::root).and_then(|root| root.fields().ok().flatten());
        let at = |span: Span| {
            let start = chosen.span.start + if marked { 3 } else { 0 };
            Span::new(span.start + start, span.end + start)
        };
        let place = |(name, key, value): (String, Span, Part<'_>)| {
            let value = value.span();
            let value = if value.start == value.end { key } else { value };
            (name, at(key), at(value))
        };
        Fields { all: fields.unwrap_or_default().into_iter().map(place).collect() }
    }

    fn key(&self, name: &str) -> Option<Span> {
        self.all.iter().find(|(it, ..)| it == name).map(|(_, key, _)| *key)
    }

    /// The value of the first of these fields that exists.
    fn value(&self, names: &[&str]) -> Option<Span> {
        names.iter().find_map(|name| self.all.iter().find(|(it, ..)| it == name)).map(|(.., value)| *value)
    }
}
