//! Keys of earlier versions in a settings file, and what to write instead.

use super::{Rule, Setting, Settings, SettingsError, in_file};
use crate::glob::Glob;
use crate::kubeconfig::Position;
use crate::kubeconfig::yaml::{Field, Part, Yaml};
use crate::printer::quote;
use serde_json::Value;

/// A key of an earlier version in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldKey {
    /// Its path, such as `protect` or `rules[0].danger`.
    pub key: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is old, as a sentence about what to do.
    pub advice: String,
    /// The lines to write instead; none if the key has to be removed.
    pub write: Vec<String>,
}

/// The keys of earlier versions in this file, in its order. The file with the new lines has the same meaning, unless
/// patterns overlap of which neither covers the other: the first of these rules then applies as a whole.
///
/// ```
/// use kcx::settings::old_keys;
/// let old = old_keys(b"protect: [{match: '*prod*', label: PROD}]\n")?;
/// assert_eq!(old[0].write, ["rules:", "- {match: '*prod*', label: PROD, confirm: type-name}"]);
/// # Ok::<(), kcx::settings::SettingsError>(())
/// ```
///
/// # Errors
/// The first error in the file.
pub fn old_keys(bytes: &[u8]) -> Result<Vec<OldKey>, SettingsError> {
    let settings = Settings::parse(bytes.into())?;
    let yaml = Yaml::parse(bytes.into())?;
    let line = |at: usize| Position::of(yaml.text(), at).line;
    let mut found = Vec::new();
    let all = fields(yaml.root())?;
    let has_rules = all.iter().any(|(key, ..)| key == "rules");
    for (key, span, value) in all {
        if key == "protect" && value.items().is_some() {
            let both = if has_rules { "`protect` and `rules`" } else { "it" };
            found.push(OldKey {
                key,
                line: line(span.start),
                advice: format!("`protect` is an old setting; write `rules` instead of {both}"),
                write: one_list(&settings, &in_file(bytes.into())?),
            });
        } else if key == "rules" {
            for (n, item) in value.items().unwrap_or_default().into_iter().enumerate() {
                for (key, span, value) in fields(Some(item))?.into_iter().filter(|(key, ..)| key == "danger")
                {
                    let key = format!("rules[{n}].{key}");
                    found.push(danger(key, line(span.start), value.value()? == Value::Bool(true), item)?);
                }
            }
        }
    }
    Ok(found)
}

fn fields(part: Option<Part<'_>>) -> Result<Vec<Field<'_>>, SettingsError> {
    Ok(part.map(Part::fields).transpose()?.flatten().unwrap_or_default())
}

/// `danger` in a rule.
fn danger(key: String, line: usize, is_set: bool, rule: Part<'_>) -> Result<OldKey, SettingsError> {
    let value = |name: &str| -> Result<Option<Value>, SettingsError> {
        let field = fields(Some(rule))?.into_iter().find(|(key, ..)| key == name);
        Ok(field.map(|(_, _, value)| value.value()).transpose()?)
    };
    let (confirm, has_color) = (value("confirm")?, value("color")?.is_some());
    let instead = match confirm {
        _ if !is_set => None,
        None => Some("confirm: type-name"),
        Some(confirm) if confirm == "none" && !has_color => Some("color: red"),
        Some(_) => None,
    };
    Ok(OldKey {
        key,
        line,
        advice: match instead {
            Some(instead) => {
                format!("`danger` is an old setting; write `{instead}` instead of `danger: true`")
            }
            None => format!("`danger` is an old setting; remove `danger: {is_set}`"),
        },
        write: instead.into_iter().map(str::to_owned).collect(),
    })
}

/// The lines of one list for `protect` and `rules`.
fn one_list(settings: &Settings, set: &[Setting]) -> Vec<String> {
    let old = patterns("protect", set).into_iter().zip(&settings.protect).collect::<Vec<_>>();
    let rules = patterns("rules", set).into_iter().zip(&settings.rules).collect::<Vec<_>>();
    let mut lines = vec!["rules:".to_owned()];
    for (pattern, protection) in &old {
        let mut is_covered = false;
        for (other, rule) in &rules {
            // What `protect` sets takes precedence, rule by rule.
            let both = Rule {
                short: rule.short.clone(),
                label: protection.label.clone().or_else(|| rule.label.clone()),
                color: protection.color.or(rule.color),
                refuse: rule.refuse.clone(),
                ..(*protection).clone()
            };
            if covers(other, pattern) {
                lines.push(written(pattern, &both));
                is_covered = true;
                break;
            }
            if covers(pattern, other) {
                lines.push(written(other, &both));
            }
        }
        if !is_covered {
            lines.push(written(pattern, protection));
        }
    }
    let is_reached = |pattern: &str| !old.iter().any(|(other, _)| covers(other, pattern));
    lines.extend(
        rules.iter().filter(|(pattern, _)| is_reached(pattern)).map(|(pattern, rule)| written(pattern, rule)),
    );
    if lines.len() == 1 {
        lines = vec!["rules: []".to_owned()];
    }
    lines
}

/// The patterns of a list, as written in the file.
fn patterns(list: &str, set: &[Setting]) -> Vec<String> {
    let items = set.iter().filter(|it| it.key.split('[').next() == Some(list));
    items.filter_map(|it| Some(it.value.get("match")?.as_str()?.to_owned())).collect()
}

/// True if every name that the second pattern matches is known to match the first one.
fn covers(wide: &str, narrow: &str) -> bool {
    // A `*` matches the signs of the other pattern, too; other signs match themselves.
    let by_stars = !wide.contains(['?', '[', '\\']) && !narrow.contains(['[', '\\']);
    wide == narrow || wide == "*" || by_stars && Glob::new(wide).matches(narrow)
}

/// A rule as a line of YAML.
fn written(pattern: &str, rule: &Rule) -> String {
    let mut fields = vec![format!("match: {}", scalar(pattern))];
    fields.extend(rule.short.iter().map(|short| format!("short: {}", scalar(short))));
    fields.extend(rule.label.iter().map(|label| format!("label: {}", scalar(label))));
    fields.extend(rule.color.map(|color| format!("color: {}", color.name())));
    fields.extend(rule.confirm.map(|confirm| format!("confirm: {}", confirm.word())));
    let refuse: Vec<&str> = rule.refuse.iter().map(|verdict| verdict.word()).collect();
    if !refuse.is_empty() {
        fields.push(format!("refuse: [{}]", refuse.join(", ")));
    }
    format!("- {{{}}}", fields.join(", "))
}

/// A text as a YAML scalar.
fn scalar(text: &str) -> String {
    let reads_as_text = || {
        let yaml = Yaml::parse(text.into());
        yaml.is_ok_and(|yaml| yaml.root().is_some_and(|root| root.value() == Ok(text.into())))
    };
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && reads_as_text() {
        text.to_owned()
    } else if text.chars().all(quote::is_visible) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        // Go's escapes are YAML's, too.
        quote::go(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The old keys of a text, as `line key: lines to write`.
    fn found(text: &str) -> Vec<String> {
        let old = old_keys(text.as_bytes()).unwrap();
        old.iter().map(|old| format!("{} {}: {}", old.line, old.key, old.write.join("|"))).collect()
    }

    #[test]
    fn each_old_key_is_named_with_what_to_write() {
        for (text, want) in [
            ("rules:\n- {match: a, confirm: yes}\n", vec![]),
            ("", vec![]),
            ("rules:\n- match: a\n  danger: true\n", vec!["3 rules[0].danger: confirm: type-name"]),
            ("rules:\n- {match: a, danger: false}\n", vec!["2 rules[0].danger: "]),
            ("rules:\n- {match: a, danger: true, confirm: yes}\n", vec!["2 rules[0].danger: "]),
            ("rules:\n- {match: a, danger: true, confirm: none}\n", vec!["2 rules[0].danger: color: red"]),
            ("rules:\n- {match: a, danger: true, confirm: none, color: blue}\n", vec!["2 rules[0].danger: "]),
            ("protect: []\n", vec!["1 protect: rules: []"]),
            (
                "picker: fzf\nprotect:\n- {match: a, label: 'yes'}\n- {match: '*it''s', confirm: yes, color: red}\n",
                vec![
                    "2 protect: rules:|- {match: a, label: 'yes', confirm: type-name}|- {match: '*it''s', color: red, confirm: yes}",
                ],
            ),
            // The same pattern, a narrower one, a wider one, and another.
            (
                "protect:\n- {match: prod, label: PROD}\n- {match: eu-*}\nrules:\n- {match: prod, short: p, label: x}\n\
                 - {match: eu-1, short: one}\n- {match: x, danger: true}\n- {match: '*', color: green}\n",
                vec![
                    "1 protect: rules:|- {match: prod, short: p, label: PROD, confirm: type-name}\
                     |- {match: eu-1, short: one, confirm: type-name}\
                     |- {match: 'eu-*', color: green, confirm: type-name}\
                     |- {match: x, confirm: type-name}|- {match: '*', color: green}",
                    "7 rules[2].danger: confirm: type-name",
                ],
            ),
        ] {
            assert_eq!(found(text), want, "{text}");
        }
    }

    #[test]
    fn the_new_lines_say_the_same_about_every_context() {
        let patterns = ["*", "a*", "*b", "ab", "a", "a*b", "?", "[ab]*", "\\*", "b*"];
        let names = ["a", "b", "ab", "aab", "abb", "ba", "c", "*", "", "a*b"];
        let mut nested = 0;
        for one in patterns {
            for two in patterns {
                for three in patterns {
                    let text = format!(
                        "protect:\n- {{match: '{one}', label: L, confirm: yes}}\n- {{match: '{two}'}}\n\
                         rules:\n- {{match: '{three}', short: s, label: x, color: blue}}\n\
                         - {{match: '{two}', short: t, danger: true}}\n"
                    );
                    let before = Settings::parse(text.clone().into()).unwrap();
                    let lines = old_keys(text.as_bytes()).unwrap()[0].write.join("\n");
                    assert!(old_keys(lines.as_bytes()).unwrap().is_empty(), "{lines}");
                    let after = Settings::parse(lines.clone().into()).unwrap();
                    for name in names {
                        let matching = |patterns: [&'static str; 2]| {
                            patterns.into_iter().filter(|pattern| Glob::new(pattern).matches(name))
                        };
                        // Patterns of which neither covers the other cannot be written as one list.
                        let is_nested = matching([one, two]).all(|one| {
                            matching([three, two]).all(|two| covers(one, two) || covers(two, one))
                        });
                        let (before, after) = (before.rule(name), after.rule(name));
                        assert_eq!(before.confirm, after.confirm, "{name}: {text}\n{lines}");
                        if is_nested {
                            nested += 1;
                            assert_eq!(before, after, "{name}: {text}\n{lines}");
                        }
                    }
                }
            }
        }
        assert!(nested > 8000, "{nested}");
    }

    #[test]
    fn a_text_is_read_back_from_its_scalar() {
        for text in
            ["a", "yes", "1", "", "it's", "a: b", "- x", "\u{202e}x\t\"\\", "日本", "null", "#", "[a]*"]
        {
            let rule = format!("rules: [{{match: {}}}]", scalar(text));
            let set = in_file(rule.clone().into()).unwrap();
            assert_eq!(set[0].value["match"], text, "{rule}");
        }
    }
}
