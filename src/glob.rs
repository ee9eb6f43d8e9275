//! Names matched by a shell's pattern: `*`, `?` and `[…]`, as in a file name. Pure.

/// A pattern for names: `*` for any characters, `?` for one, `[a-z]` for one of these, `[!a-z]` for one of the others; `\` takes the
/// next one as it is. A `[` that nothing closes stands for itself.
///
/// ```
/// use kcx::glob::Glob;
/// let prod = Glob::new("prod-*");
/// assert!(prod.matches("prod-eu1"));
/// assert!(!prod.matches("my-prod-eu1"));
/// assert!(Glob::new("arn:aws:eks:*:cluster/shop").matches("arn:aws:eks:eu-west-1:1:cluster/shop"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Char(char),
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Token::Any | Token::One => true,
            Token::Char(wanted) => *wanted == c,
            Token::Set { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

impl Glob {
    /// Reads a pattern; every text is one.
    #[must_use]
    pub fn new(pattern: &str) -> Glob {
        let mut tokens = Vec::new();
        let mut rest = pattern.chars();
        while let Some(c) = rest.next() {
            tokens.push(match c {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => Token::Char(rest.next().unwrap_or('\\')),
                '[' => match set(rest.as_str()) {
                    Some((token, after)) => {
                        rest = after.chars();
                        token
                    }
                    None => Token::Char('['),
                },
                c => Token::Char(c),
            });
        }
        tokens.dedup_by(|a, b| *a == Token::Any && *b == Token::Any);
        Glob(tokens)
    }

    /// True if the whole name fits. The time is at most the product of both lengths.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (mut at, mut rest) = (0, name.chars());
        // Where to go on from if the last `*` has to take one more.
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = rest.clone();
            match (self.0.get(at), rest.next()) {
                (Some(Token::Any), _) => {
                    rest = before;
                    at += 1;
                    retry = Some((at, rest.clone()));
                    continue;
                }
                (Some(token), Some(c)) if token.takes(c) => {
                    at += 1;
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            let Some((from, mut longer)) = retry.take() else { return false };
            if longer.next().is_none() {
                return false;
            }
            (at, rest) = (from, longer.clone());
            retry = Some((from, longer));
        }
    }
}

/// The set whose `[` has been read, and what comes behind it.
fn set(text: &str) -> Option<(Token, &str)> {
    let (negated, text) = match text.strip_prefix(['!', '^']) {
        Some(text) => (true, text),
        None => (false, text),
    };
    // A `]` that comes first is one of the set.
    let first = text.chars().next()?.len_utf8();
    let end = first + text[first..].find(']')?;
    let members: Vec<char> = text[..end].chars().collect();
    let (mut ranges, mut at) = (Vec::new(), 0);
    while at < members.len() {
        match members[at..] {
            [low, '-', high, ..] => {
                ranges.push((low, high));
                at += 3;
            }
            _ => {
                ranges.push((members[at], members[at]));
                at += 1;
            }
        }
    }
    Some((Token::Set { negated, ranges }, &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_are_a_shells() {
        for (pattern, name, fits) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**a", "a", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[]a]", "]", true),
            ("[a-]", "-", true),
            ("[a", "[a", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("*.y*ml", "a.yaml", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_cost_no_more_than_their_product() {
        assert!(!Glob::new(&"a*".repeat(500)).matches(&("a".repeat(400) + "b")));
    }
}
