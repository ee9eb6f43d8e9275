//! `print`, `println` and `printf`: formats values as Go's `fmt`.
//!
//! Processes formats, arguments and containers; `verb` formats scalars.

use serde_json::Value;

use super::super::golang;
use super::MAX_OUTPUT;
use super::value::{Data, Text, Val};
use super::verb::{Flags, Writer};

/// Go's maximum of width and precision.
const MAX_WIDTH: i64 = 1_000_000;

/// Formats the value of an action.
pub(super) fn print_value(value: &Val<'_>) -> Vec<u8> {
    let Some(data) = value.data() else { return b"<no value>".to_vec() };
    let mut writer = Writer::default();
    argument(&mut writer, Some(data), 'v');
    writer.out
}

/// `fmt.Sprint`: a blank between two values if neither is a string.
pub(super) fn print(values: &[Val<'_>]) -> Result<Vec<u8>, String> {
    let mut writer = Writer::default();
    let is_text = |value: &Val<'_>| matches!(value.data(), Some(Data::Text(_)));
    for (index, value) in values.iter().enumerate() {
        if index > 0 && !is_text(value) && !is_text(&values[index - 1]) {
            writer.out.push(b' ');
        }
        argument(&mut writer, value.data(), 'v');
        check(&writer)?;
    }
    Ok(writer.out)
}

/// `fmt.Sprintln`: a blank between all values, and a newline at the end.
pub(super) fn println(values: &[Val<'_>]) -> Result<Vec<u8>, String> {
    let mut writer = Writer::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            writer.out.push(b' ');
        }
        argument(&mut writer, value.data(), 'v');
        check(&writer)?;
    }
    writer.out.push(b'\n');
    Ok(writer.out)
}

/// `fmt.Sprintf`.
pub(super) fn printf(format: &[u8], values: &[Val<'_>]) -> Result<Vec<u8>, String> {
    let mut run = Printf { format, at: 0, values, next: 0, reordered: false, good_index: true };
    let mut writer = Writer::default();
    while run.at < format.len() {
        let literal = format[run.at..].iter().position(|&byte| byte == b'%').unwrap_or(format.len() - run.at);
        writer.out.extend_from_slice(&format[run.at..run.at + literal]);
        run.at += literal;
        if run.at < format.len() {
            run.at += 1;
            run.verb(&mut writer);
        }
        check(&writer)?;
    }
    if !run.reordered && run.next < values.len() {
        writer.flags = Flags::default();
        writer.out.extend_from_slice(b"%!(EXTRA ");
        for (index, value) in values[run.next..].iter().enumerate() {
            if index > 0 {
                writer.out.extend_from_slice(b", ");
            }
            match value.data() {
                None => writer.out.extend_from_slice(b"<nil>"),
                Some(data) => {
                    writer.out.extend_from_slice(data.type_name().as_bytes());
                    writer.out.push(b'=');
                    argument(&mut writer, Some(data), 'v');
                }
            }
            check(&writer)?;
        }
        writer.out.push(b')');
    }
    Ok(writer.out)
}

fn check(writer: &Writer) -> Result<(), String> {
    if writer.out.len() > MAX_OUTPUT { Err("the text is too long".to_owned()) } else { Ok(()) }
}

struct Printf<'f, 'v> {
    format: &'f [u8],
    at: usize,
    values: &'f [Val<'v>],
    next: usize,
    /// True if an index such as `[2]` was used; then unused arguments are not reported.
    reordered: bool,
    good_index: bool,
}

impl Printf<'_, '_> {
    /// Formats a verb after its percent sign.
    fn verb(&mut self, writer: &mut Writer) {
        self.good_index = true;
        writer.flags = Flags::default();
        while let Some(&byte) = self.format.get(self.at) {
            match byte {
                b'#' => writer.flags.sharp = true,
                b'0' => writer.flags.zero = true,
                b'+' => writer.flags.plus = true,
                b'-' => writer.flags.minus = true,
                b' ' => writer.flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.star() {
                Some(width) => {
                    writer.flags.width = usize::try_from(width.unsigned_abs()).ok();
                    if width < 0 {
                        writer.flags.minus = true;
                        writer.flags.zero = false;
                    }
                }
                None => writer.out.extend_from_slice(b"%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            writer.flags.width = self.number();
            if after_index && writer.flags.width.is_some() {
                self.good_index = false;
            }
        }
        if self.peek() == Some(b'.') && self.at + 1 < self.format.len() {
            self.at += 1;
            if after_index {
                self.good_index = false;
            }
            after_index = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                writer.flags.precision = self.star().and_then(|int| usize::try_from(int).ok());
                if writer.flags.precision.is_none() {
                    writer.out.extend_from_slice(b"%!(BADPREC)");
                }
                after_index = false;
            } else {
                writer.flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        let Some(verb) = self.format[self.at..].utf8_chunks().next() else {
            writer.out.extend_from_slice(b"%!(NOVERB)");
            return;
        };
        let verb = verb.valid().chars().next();
        self.at += verb.map_or(1, char::len_utf8);
        let verb = verb.unwrap_or('\u{fffd}');
        if verb == '%' {
            writer.out.push(b'%');
        } else if !self.good_index {
            writer.out.extend_from_slice(format!("%!{verb}(BADINDEX)").as_bytes());
        } else if let Some(value) = self.values.get(self.next) {
            if matches!(verb, 'v' | 'w') {
                writer.flags.go_syntax = std::mem::take(&mut writer.flags.sharp);
                writer.flags.plus = false;
            }
            argument(writer, value.data(), verb);
            self.next += 1;
        } else {
            writer.out.extend_from_slice(format!("%!{verb}(MISSING)").as_bytes());
        }
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// Parses a number in the format; `None` if there is none or it is too large.
    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        let mut number: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if number > MAX_WIDTH {
                // Go stops here and reads the next digit as the verb.
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
            self.at += 1;
        }
        if self.at == start { None } else { usize::try_from(number).ok() }
    }

    /// Consumes the argument of a `*`.
    fn star(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        value.data().and_then(Data::integer).filter(|int| (-MAX_WIDTH..=MAX_WIDTH).contains(int))
    }

    /// Parses an index such as `[2]`; true if there was one.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = rest.iter().position(|&byte| byte == b']').filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.good_index = false;
            self.at += 1;
            return false;
        };
        let number = std::str::from_utf8(&rest[1..close]).ok().filter(|text| !text.starts_with('+'));
        let number = number.and_then(|text| text.parse::<usize>().ok());
        self.at += close + 1;
        match number.and_then(|number| number.checked_sub(1)).filter(|&index| index < self.values.len()) {
            Some(index) => {
                self.next = index;
                true
            }
            None => {
                self.good_index = false;
                number.is_some()
            }
        }
    }
}

/// Formats an argument.
fn argument(writer: &mut Writer, data: Option<&Data<'_>>, verb: char) {
    match (data, verb) {
        (None, 'T' | 'v') => writer.pad(b"<nil>"),
        (None, _) => writer.out.extend_from_slice(format!("%!{verb}(<nil>)").as_bytes()),
        (Some(data), 'T') => writer.text(data.type_name().as_bytes()),
        // Go would print an address.
        (Some(data), 'p' | 'w') => bad_verb(writer, data, verb),
        (Some(data), _) => value(writer, data, verb),
    }
}

/// Formats a value; of maps and lists, all elements.
fn value(writer: &mut Writer, data: &Data<'_>, verb: char) {
    let go_syntax = writer.flags.go_syntax && verb == 'v';
    let separator: &[u8] = if go_syntax { b", " } else { b" " };
    match data {
        Data::Map(map) => {
            let open = if go_syntax { "map[string]interface {}{" } else { "map[" };
            writer.out.extend_from_slice(open.as_bytes());
            for (index, (key, element)) in golang::sorted(map).into_iter().enumerate() {
                if index > 0 {
                    writer.out.extend_from_slice(separator);
                }
                value(writer, &Data::Text(Text::Borrowed(key.as_bytes())), verb);
                writer.out.push(b':');
                inner(writer, element, verb);
            }
            writer.out.push(if go_syntax { b'}' } else { b']' });
        }
        Data::List(list) => {
            let open = if go_syntax { "[]interface {}{" } else { "[" };
            writer.out.extend_from_slice(open.as_bytes());
            for (index, element) in list.iter().enumerate() {
                if index > 0 {
                    writer.out.extend_from_slice(separator);
                }
                inner(writer, element, verb);
            }
            writer.out.push(if go_syntax { b'}' } else { b']' });
        }
        scalar => {
            if !writer.scalar(scalar, verb) {
                bad_verb(writer, scalar, verb);
            }
        }
    }
}

fn inner(writer: &mut Writer, element: &Value, verb: char) {
    // The padding of many elements could exceed the limit before the next check.
    if writer.out.len() > MAX_OUTPUT {
        return;
    }
    match Data::of(element) {
        Some(data) => value(writer, &data, verb),
        None if writer.flags.go_syntax => writer.out.extend_from_slice(b"interface {}(nil)"),
        None => writer.out.extend_from_slice(b"<nil>"),
    }
}

fn bad_verb(writer: &mut Writer, data: &Data<'_>, verb: char) {
    writer.out.extend_from_slice(format!("%!{verb}({}=", data.type_name()).as_bytes());
    value(writer, data, 'v');
    writer.out.push(b')');
}
