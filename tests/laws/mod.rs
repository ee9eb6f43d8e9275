//! The laws of editing, stated apart from the code under test: what an edit means, which bytes it may touch.
//!
//! An [`Ask`] is done twice: by kcx to the text, and by a few lines here to the JSON that kubectl would print. The two
//! must agree, and the text outside the permitted region must be the same bytes.

use kcx::kubeconfig::change::{Change, Targets, route};
use kcx::kubeconfig::patch::{Op, PathStep, Reason, Refusal, apply, apply_in_place};
use kcx::kubeconfig::{Body, Document, Kind, Merged, Source, View};
use kcx::store::journal::hunk;
use serde_json::{Map, Value, json};

/// One thing a user may want of one file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    Current(String),
    NoCurrent,
    Put {
        kind: Kind,
        name: String,
        key: &'static str,
        value: Value,
    },
    Drop {
        kind: Kind,
        name: String,
        key: &'static str,
    },
    /// An item of `exec.args`; one past the end appends.
    Arg {
        user: String,
        index: usize,
        value: String,
    },
    Insert {
        kind: Kind,
        name: String,
        body: Value,
    },
    Rename {
        kind: Kind,
        from: String,
        to: String,
    },
    Remove {
        kind: Kind,
        name: String,
    },
}

/// How kcx is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Ops,
    Changes,
}

pub(crate) fn document(bytes: &[u8]) -> Document {
    Document::parse(bytes.to_vec()).unwrap()
}

fn merged(document: &Document) -> Merged {
    Merged::new(vec![Source { path: "f".into(), document: Some(document.clone()) }])
}

/// What kubectl would print, with empty lists for absent ones.
pub(crate) fn meaning(document: &Document) -> Value {
    let mut value = View::of(&merged(document)).unwrap().to_value();
    for kind in Kind::ALL {
        if value[kind.list()].is_null() {
            value[kind.list()] = json!([]);
        }
    }
    value
}

pub(crate) fn names(meaning: &Value, kind: Kind) -> Vec<String> {
    meaning[kind.list()].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
}

fn entry<'v>(meaning: &'v mut Value, kind: Kind, name: &str) -> &'v mut Value {
    let list = meaning[kind.list()].as_array_mut().unwrap();
    list.iter_mut().find(|entry| entry["name"] == name).unwrap()
}

fn body<'v>(meaning: &'v mut Value, kind: Kind, name: &str) -> &'v mut Map<String, Value> {
    entry(meaning, kind, name)[kind.word()].as_object_mut().unwrap()
}

impl Ask {
    /// Does it to what kubectl would print.
    pub(crate) fn intend(&self, meaning: &mut Value) {
        match self {
            Ask::Current(name) => meaning["current-context"] = json!(name),
            Ask::NoCurrent => meaning["current-context"] = json!(""),
            Ask::Put { kind, name, key, value } => {
                body(meaning, *kind, name).insert((*key).to_owned(), value.clone());
            }
            Ask::Drop { kind, name, key } => drop(body(meaning, *kind, name).remove(*key)),
            Ask::Arg { user, index, value } => {
                let args = body(meaning, Kind::User, user)["exec"]["args"].as_array_mut().unwrap();
                args.truncate(args.len().max(*index));
                if *index == args.len() {
                    args.push(json!(null));
                }
                args[*index] = json!(value);
            }
            Ask::Insert { kind, name, body } => {
                let entry = json!({"name": name, kind.word(): body});
                meaning[kind.list()].as_array_mut().unwrap().push(entry);
                sort(meaning, *kind);
            }
            Ask::Rename { kind, from, to } => {
                entry(meaning, *kind, from)["name"] = json!(to);
                sort(meaning, *kind);
            }
            Ask::Remove { kind, name } => {
                meaning[kind.list()].as_array_mut().unwrap().retain(|entry| entry["name"] != *name);
            }
        }
    }

    /// What undoes it, in a file that meant this.
    pub(crate) fn reverse(&self, before: &Document) -> Ask {
        let mut old = meaning(before);
        match self {
            Ask::Current(_) | Ask::NoCurrent => match old["current-context"].as_str().unwrap() {
                "" => Ask::NoCurrent,
                name => Ask::Current(name.to_owned()),
            },
            Ask::Put { kind, name, key, .. } | Ask::Drop { kind, name, key } => {
                let (kind, name) = (*kind, name.clone());
                match body(&mut old, kind, &name).get(*key).cloned() {
                    Some(value) => Ask::Put { kind, name, key, value },
                    None => Ask::Drop { kind, name, key },
                }
            }
            Ask::Arg { user, index, .. } => {
                let exec = body(&mut old, Kind::User, user)["exec"].clone();
                match exec["args"].get(*index).and_then(Value::as_str) {
                    Some(value) => Ask::Arg { user: user.clone(), index: *index, value: value.to_owned() },
                    None => Ask::Put { kind: Kind::User, name: user.clone(), key: "exec", value: exec },
                }
            }
            Ask::Insert { kind, name, .. } => Ask::Remove { kind: *kind, name: name.clone() },
            Ask::Rename { kind, from, to } => Ask::Rename { kind: *kind, from: to.clone(), to: from.clone() },
            Ask::Remove { kind, name } => {
                let body = body(&mut old, *kind, name).clone();
                Ask::Insert { kind: *kind, name: name.clone(), body: Value::Object(body) }
            }
        }
    }

    fn ops(&self) -> Vec<Op> {
        let key = |key: &str| PathStep::Key(key.to_owned());
        let object = |body: &Value| body.as_object().unwrap().clone();
        vec![match self.clone() {
            Ask::Current(name) => Op::SetTop { key: "current-context".into(), value: json!(name) },
            Ask::NoCurrent => Op::UnsetTop { key: "current-context".into() },
            Ask::Put { kind, name, key: field, value } => {
                Op::Set { kind, name, path: vec![key(field)], value }
            }
            Ask::Drop { kind, name, key: field } => Op::Unset { kind, name, path: vec![key(field)] },
            Ask::Arg { user, index, value } => {
                let path = vec![key("exec"), key("args"), PathStep::Index(index)];
                Op::Set { kind: Kind::User, name: user, path, value: json!(value) }
            }
            Ask::Insert { kind, name, body } => Op::Insert { kind, name, body: object(&body) },
            Ask::Rename { kind, from, to } => Op::Rename { kind, from, to },
            Ask::Remove { kind, name } => Op::Remove { kind, name },
        }]
    }

    fn changes(&self, merged: &Merged) -> Vec<Change> {
        let put = |kind: Kind, name: &str, alter: &dyn Fn(&mut Body)| {
            let mut body =
                merged.find(kind, name).map(|at| merged.body(at).unwrap().into_owned()).unwrap_or_default();
            alter(&mut body);
            Change::Put { kind, name: name.to_owned(), body }
        };
        vec![match self.clone() {
            Ask::Current(name) => Change::Current(name),
            Ask::NoCurrent => Change::Current(String::new()),
            Ask::Put { kind, name, key, value } => {
                put(kind, &name, &|body| drop(body.insert(key.to_owned(), value.clone())))
            }
            Ask::Drop { kind, name, key } => put(kind, &name, &|body| drop(body.shift_remove(key))),
            Ask::Arg { user, index, value } => put(Kind::User, &user, &|body| {
                let args = body["exec"]["args"].as_array_mut().unwrap();
                args.truncate(index.max(args.len()));
                if index == args.len() {
                    args.push(json!(null));
                }
                args[index] = json!(value);
            }),
            Ask::Insert { kind, name, body } => {
                Change::Put { kind, name, body: body.as_object().unwrap().clone() }
            }
            Ask::Rename { kind, from, to } => Change::Rename { kind, from, to },
            Ask::Remove { kind, name } => Change::Remove { kind, name },
        }]
    }

    /// Has kcx do it.
    pub(crate) fn make(&self, via: Via, before: &Document) -> Result<Document, Refusal> {
        apply(before, &self.told(via, before))
    }

    fn told(&self, via: Via, before: &Document) -> Vec<Op> {
        match via {
            Via::Ops => self.ops(),
            Via::Changes => {
                let merged = merged(before);
                let targets = Targets { current: 0, default: 0, explicit: true };
                route(&merged, self.changes(&merged), targets).unwrap().concat()
            }
        }
    }
}

fn sort(meaning: &mut Value, kind: Kind) {
    let list = meaning[kind.list()].as_array_mut().unwrap();
    list.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
}

/// Does one ask and checks every law. Gives the new document, or why it was refused; fails where a law is broken.
pub(crate) fn check(before: &Document, ask: &Ask, via: Via) -> Result<Result<Document, Reason>, String> {
    let after = match ask.make(via, before) {
        Ok(after) => after,
        Err(refusal) => return Ok(Err(refusal.reason)),
    };
    let broken = |law: &str| {
        Err(format!("{law}\n{ask:?} {via:?}\n--- before\n{}\n--- after\n{}\n", before.text(), after.text()))
    };
    let read = match Document::parse(after.render()) {
        Ok(read) => read,
        Err(error) => return broken(&format!("the result cannot be read: {error}")),
    };
    if read.text() != after.text() || read.encoding() != before.encoding() {
        return broken("the result is stored in another way");
    }
    let mut wanted = meaning(before);
    ask.intend(&mut wanted);
    if meaning(&read) != wanted {
        return broken("the result does not mean what was intended");
    }
    if let Err(law) = bytes_kept(before, &after, ask) {
        return broken(&law);
    }
    if let Err(law) = taken_back(before, &ask.told(via, before)) {
        return broken(law);
    }
    let again = match (ask, via) {
        (Ask::Insert { .. } | Ask::Rename { .. } | Ask::Remove { .. }, Via::Ops) => None,
        _ => Some(ask.make(via, &after)),
    };
    match again {
        Some(Ok(again)) if again.text() != after.text() => return broken("done twice it changes more"),
        Some(Err(refusal)) => return broken(&format!("done twice it is refused: {refusal}")),
        _ => {}
    }
    match ask.reverse(before).make(via, &after) {
        Ok(back) if meaning(&back) == meaning(before) => Ok(Ok(after)),
        Ok(_) => broken("undone it means something else than before"),
        // Behind a plain scalar a comment may begin with a tab, elsewhere not: there no entry can be put back in front of it.
        Err(Refusal { reason: Reason::Unreadable(_), .. }) if tab_before_comment(before.text()) => {
            Ok(Ok(after))
        }
        Err(refusal) => broken(&format!("it cannot be undone: {refusal}")),
    }
}

fn tab_before_comment(text: &str) -> bool {
    text.split(LINE_ENDS).any(|line| {
        let behind = line.trim_start_matches(' ');
        behind.starts_with('\t') && behind.trim_start().starts_with('#')
    })
}

/// What ends a line in YAML 1.1.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// What the journal keeps of a change leads back to the same bytes; where lines stand above that were not there, it leads
/// there too, or nowhere.
fn taken_back(before: &Document, ops: &[Op]) -> Result<(), &'static str> {
    let mut after = before.clone();
    let Ok(undo) = apply_in_place(&mut after, ops) else { return Ok(()) };
    let (hunks, hashes) = (hunk::of_patch(&after, &undo), hunk::hashes(&after, &undo));
    let (before, after) = (before.render(), after.render());
    if hashes != [&before, &after].map(|bytes| hunk::Hash::of(&[bytes])) {
        return Err("the hashes are not those of the file");
    }
    if hunk::reverse(&after, &hunks) != Some(before.clone()) {
        return Err("taken back it is not what it was");
    }
    let below = |text: &[u8]| [b"# above\n", text].concat();
    match hunk::reverse_moved(&below(&after), &hunks) {
        Some(back) if back != below(&before) => Err("taken back elsewhere it is another edit"),
        _ => Ok(()),
    }
}

/// Bytes outside the permitted region, comment lines, line ends and the end of the file.
fn bytes_kept(before: &Document, after: &Document, ask: &Ask) -> Result<(), String> {
    let (old, new) = (before.text(), after.text());
    let (low, high) = permitted(before, ask);
    let tail = old.len() - high;
    let kept = new.len() >= low + tail && new[..low] == old[..low] && new[new.len() - tail..] == old[high..];
    if !kept && !is_spelled_out(&old[..low], &old[high..], new) {
        return Err(format!("bytes outside {low}..{high} changed"));
    }
    let lost = lost_comments(before, ask);
    let comments = |text: &str| -> Vec<String> {
        let lines = text.split(LINE_ENDS).map(str::trim);
        lines.filter(|line| line.starts_with('#')).map(str::to_owned).collect()
    };
    let mut left = comments(new);
    for comment in comments(&format!("{}\n{}", &old[..lost.0], &old[lost.1..])) {
        match left.iter().position(|known| *known == comment) {
            Some(at) => drop(left.remove(at)),
            None => return Err(format!("a comment is gone: {comment}")),
        }
    }
    let (crlf, lf) = (old.matches("\r\n").count(), old.matches('\n').count());
    // What stood between a lone carriage return and a line feed may go.
    let joined = old.contains('\r') && matches!(ask, Ask::Remove { .. } | Ask::Drop { .. } | Ask::NoCurrent);
    if crlf == 0 && new.contains("\r\n") && !joined
        || lf > 0 && crlf == lf && new.matches("\r\n").count() != new.matches('\n').count()
    {
        return Err("other line ends".to_owned());
    }
    if !old.trim().is_empty() && old.ends_with(LINE_ENDS) != new.ends_with(LINE_ENDS) {
        return Err("another end of the file".to_owned());
    }
    tight(before, new, ask)
}

/// True if a text begins and ends like these, but that some of their aliases are spelled out: what they repeated has
/// changed, or is gone.
fn is_spelled_out(start: &str, end: &str, new: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    // Between two aliases; `key: *alias` may become `key:` with lines below it.
    let pieces = |text: &'_ str| -> Vec<String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(" *").filter(|&at| rest[at + 2..].starts_with(name)) {
            pieces.push(rest[..at].to_owned());
            rest = rest[at + 2..].trim_start_matches(name);
        }
        pieces.push(rest.to_owned());
        pieces
    };
    let (start, end) = (pieces(start), pieces(end));
    let mut rest = match (start.len() + end.len() > 2).then(|| new.strip_prefix(start[0].as_str())) {
        Some(Some(rest)) => rest,
        _ => return false,
    };
    for piece in start[1..].iter().chain(&end[..end.len() - 1]) {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(end[end.len() - 1].as_str())
}

fn line_start(text: &str, at: usize) -> usize {
    at - text[..at].rsplit(LINE_ENDS).next().map_or(0, str::len)
}

fn line_above(text: &str, line: usize) -> Option<usize> {
    let above = text[..line].strip_suffix("\r\n").or_else(|| text[..line].strip_suffix(LINE_ENDS))?;
    Some(line_start(text, above.len()))
}

fn line_end(text: &str, at: usize) -> usize {
    if text[..at].ends_with(LINE_ENDS) {
        return at;
    }
    let end = at + text[at..].split_inclusive(LINE_ENDS).next().map_or(0, str::len);
    end + usize::from(text[..end].ends_with('\r') && text[end..].starts_with('\n'))
}

/// The bytes that may change: the entry's own lines, or what lies between its neighbours.
fn permitted(before: &Document, ask: &Ask) -> (usize, usize) {
    let text = before.text();
    let around = |kind: Kind, name: &str| {
        let index = before.find(kind, name).unwrap();
        (index, before.span(kind, index))
    };
    match ask {
        Ask::Current(_) | Ask::NoCurrent => (0, text.len()),
        Ask::Put { kind, name, .. } | Ask::Drop { kind, name, .. } | Ask::Rename { kind, from: name, .. } => {
            let (_, span) = around(*kind, name);
            (line_start(text, span.start).max(span.start.saturating_sub(1)), line_end(text, span.end))
        }
        Ask::Arg { user, .. } => {
            let (_, span) = around(Kind::User, user);
            (span.start, line_end(text, span.end))
        }
        Ask::Insert { kind, .. } => match before.len(*kind).checked_sub(1) {
            Some(last) => {
                let span = before.span(*kind, last);
                // The header of a block that the text ends in says that a line end comes behind it.
                let open = span.of(text).contains(['|', '>']) && !text.ends_with(LINE_ENDS);
                (if open { span.start } else { span.end }, line_end(text, span.end))
            }
            None => (0, text.len()),
        },
        Ask::Remove { kind, name } => {
            let (index, span) = around(*kind, name);
            let before_it = index.checked_sub(1).map(|index| before.span(*kind, index).end);
            let low = match before_it {
                // Where the last line of a file goes that has no end, the one before it loses its own.
                Some(end) => text[..end].trim_end_matches(LINE_ENDS).len(),
                None => text[..span.start].rfind(kind.list()).unwrap_or_default(),
            };
            let next = (index + 1 < before.len(*kind)).then(|| before.span(*kind, index + 1).start);
            // The last of a flow list lets the brackets close.
            let bracket =
                text[span.end..].trim_start_matches(|c| " \t,".contains(c) || LINE_ENDS.contains(&c)).len();
            let bracket = if before.len(*kind) == 1 { text.len() - bracket } else { 0 };
            (low, line_end(text, span.end).max(next.unwrap_or_default()).max(bracket))
        }
    }
}

/// Where comments may go: an entry that goes takes those inside and directly above along.
fn lost_comments(before: &Document, ask: &Ask) -> (usize, usize) {
    let text = before.text();
    let (kind, name) = match ask {
        Ask::Remove { kind, name } => (*kind, name),
        // Another credential plugin: what was said about the old one goes with it.
        Ask::Put { kind, name, key: "exec", .. } => (*kind, name),
        // In a quoted value of several lines, what looks like a comment is a part of the value, and goes with it.
        Ask::Put { kind, name, .. } | Ask::Drop { kind, name, .. } if replaces_hash(before, ask) => {
            (*kind, name)
        }
        Ask::Arg { user, .. } if replaces_hash(before, ask) => (Kind::User, user),
        // The same of a name, which may stand anywhere.
        Ask::Rename { from, .. } if from.contains(" #") => return (0, text.len()),
        Ask::Current(_) | Ask::NoCurrent if replaces_hash(before, ask) => return (0, text.len()),
        _ => return (0, 0),
    };
    let span = before.span(kind, before.find(kind, name).unwrap());
    let mut start = line_start(text, span.start);
    if let Ask::Remove { .. } = ask {
        while let Some(above) =
            line_above(text, start).filter(|&at| text[at..start].trim_start().starts_with('#'))
        {
            start = above;
        }
    }
    (start, line_end(text, span.end))
}

/// True if the value that goes has a word with a hash in front of it.
fn replaces_hash(before: &Document, ask: &Ask) -> bool {
    match ask.reverse(before) {
        Ask::Put { value: Value::String(old), .. } | Ask::Arg { value: old, .. } | Ask::Current(old) => {
            old.contains([' ', '\n']) && old.contains('#')
        }
        _ => false,
    }
}

/// A scalar that takes another's place changes no more than itself.
fn tight(before: &Document, new: &str, ask: &Ask) -> Result<(), String> {
    let old = before.text();
    // A null goes with the blanks behind it; its line end comes back, of up to three bytes.
    let blanks = if old.contains(&LINE_ENDS[2..]) { 11 } else { 9 };
    let (key, from, to) = match (ask, ask.reverse(before)) {
        (Ask::Current(to), Ask::Current(from)) => ("current-context", from, to.as_str()),
        (Ask::Current(to), _) => ("current-context", String::new(), to.as_str()),
        (Ask::Put { key, value: Value::String(to), .. }, back) => match back {
            Ask::Put { value: Value::String(from), .. } => (*key, from, to.as_str()),
            _ => (*key, String::new(), to.as_str()),
        },
        (Ask::Rename { from, to, .. }, _) => ("name", from.clone(), to.as_str()),
        _ => return Ok(()),
    };
    if !old.contains(&from) || old.contains(['&', '|', '>']) || before.len(Kind::Context) > 20 {
        return Ok(());
    }
    let prefix = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let room = old.len().min(new.len()) - prefix;
    let suffix = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count().min(room);
    let within = |text: &str| text.as_bytes()[prefix..text.len() - suffix].to_vec();
    let (old, new) = (within(old), within(new));
    // A comment between two patches is in neither.
    let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(&new));
    let comment = old.find('#').map_or("", |at| old[at..].lines().next().unwrap_or_default());
    let kept = if new.contains(comment) { comment.len() } else { 0 };
    let (gone, come) = (old.len() - kept, new.len() - kept);
    if gone > (2 * from.len() + 2).max(blanks) || come > key.len() + 2 * to.len() + 90 {
        return Err(format!("{gone} bytes gave way to {come} for {from:?} -> {to:?}"));
    }
    Ok(())
}
