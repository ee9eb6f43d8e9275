//! Parses one CSV record like Go's encoding/csv: `--exec-arg=a,"b,c"` has two arguments.
//!
//! Only what a string-slice flag needs: the first record, with commas and strict quotes. pflag ignores the rest of the text.

/// Splits the first record of `text`. An empty text has no elements.
///
/// # Errors
/// Go's message, such as `parse error on line 1, column 2: bare " in non-quoted-field`; `EOF` if there are only line breaks.
///
/// ```
/// assert_eq!(kcx::cli::config::csv::split(r#"a,"b,c""#), Ok(vec!["a".into(), "b,c".into()]));
/// ```
pub fn split(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = text.split_inclusive('\n').map(plain_end);
    let mut number = 1;
    let mut line = loop {
        match lines.next() {
            None => return Err("EOF".to_owned()),
            Some(line) if line.trim_end_matches('\n').is_empty() => number += 1,
            Some(line) => break line,
        }
    };
    let first = number;
    let mut fields = Vec::new();
    let mut column = 0;
    loop {
        let rest = &line[column..];
        if !rest.starts_with('"') {
            let field = rest.split(',').next().unwrap_or_default();
            let last = field.len() == rest.len();
            let field = if last { field.trim_end_matches('\n') } else { field };
            if let Some(at) = field.find('"') {
                return Err(failure(first, number, column + at + 1, "bare \" in non-quoted-field"));
            }
            fields.push(field.to_owned());
            if last {
                return Ok(fields);
            }
            column += field.len() + 1;
            continue;
        }
        column += 1;
        let mut field = String::new();
        loop {
            let rest = &line[column..];
            if let Some(at) = rest.find('"') {
                field.push_str(&rest[..at]);
                column += at + 1;
                match line.as_bytes().get(column) {
                    Some(b'"') => {
                        field.push('"');
                        column += 1;
                    }
                    Some(b',') => {
                        fields.push(field);
                        column += 1;
                        break;
                    }
                    None | Some(b'\n') => {
                        fields.push(field);
                        return Ok(fields);
                    }
                    Some(_) => {
                        return Err(failure(
                            first,
                            number,
                            column,
                            "extraneous or missing \" in quoted-field",
                        ));
                    }
                }
                continue;
            }
            field.push_str(rest);
            let end = column + rest.len() + 1;
            match lines.next() {
                Some(next) => (line, column, number) = (next, 0, number + 1),
                None => return Err(failure(first, number, end, "extraneous or missing \" in quoted-field")),
            }
        }
    }
}

/// Replaces a final `\r\n` by `\n`, and removes a lone `\r` at the end of the text.
fn plain_end(line: &str) -> std::borrow::Cow<'_, str> {
    if let Some(head) = line.strip_suffix("\r\n") {
        format!("{head}\n").into()
    } else {
        line.strip_suffix('\r').unwrap_or(line).into()
    }
}

fn failure(first: usize, line: usize, column: usize, what: &str) -> String {
    let place = format!("parse error on line {line}, column {column}: {what}");
    if first == line { place } else { format!("record on line {first}; {place}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_go_does() {
        for (text, want) in [
            ("a", vec!["a"]),
            ("a,,b", vec!["a", "", "b"]),
            (",", vec!["", ""]),
            (" a , b ", vec![" a ", " b "]),
            ("a\nb", vec!["a"]),
            ("\n\na,b\r\nc", vec!["a", "b"]),
            ("\"a\"\"b\",c", vec!["a\"b", "c"]),
            ("\"a\nb\",c", vec!["a\nb", "c"]),
            ("\"\"", vec![""]),
            ("a\r", vec!["a"]),
        ] {
            assert_eq!(split(text), Ok(want.into_iter().map(str::to_owned).collect()), "{text:?}");
        }
    }

    #[test]
    fn fails_as_go_does() {
        for (text, want) in [
            ("\n", "EOF"),
            ("a\"b", "parse error on line 1, column 2: bare \" in non-quoted-field"),
            ("\"a", "parse error on line 1, column 3: extraneous or missing \" in quoted-field"),
            ("\"a\"b", "parse error on line 1, column 3: extraneous or missing \" in quoted-field"),
            (
                "\"a\nb\"c",
                "record on line 1; parse error on line 2, column 2: extraneous or missing \" in quoted-field",
            ),
        ] {
            assert_eq!(split(text), Err(want.to_owned()), "{text:?}");
        }
    }
}
