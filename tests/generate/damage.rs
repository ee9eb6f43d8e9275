//! Damage to a text, of the kinds that hurt YAML readers: hostile tokens, moved, doubled and lost lines.
//!
//! It knows nothing of kubeconfigs, so what comes out may be anything.

use super::Random;

const HOSTILE: [&str; 58] = [
    "&a ",
    "*a",
    "!!str ",
    "|",
    ">",
    "- ",
    "- - ",
    "? ",
    ": ",
    ":",
    " #",
    "#",
    "\t",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    "<<: ",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\r",
    "\n",
    "\r\n",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\\",
    " ",
    "  ",
    "null",
    "~",
    "yes",
    "0777",
    "1e3",
    ".nan",
    "{}",
    "[]",
    "''",
    "\"\"",
    "@",
    "`",
    "=",
    "-",
    "--- ",
    "\u{7f}",
    "\0",
    "é",
    "name: a\n",
    "kind: X\n",
    "KIND: v1\n",
    "  name: prod\n",
    "- name: prod\n",
    "# c\n",
];

/// The text with one to four wounds of the kinds that hurt YAML readers.
pub(crate) fn mutate(random: &mut Random, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(4) {
        let boundary =
            |text: &str, at: usize| (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let at = boundary(&text, random.below(text.len() + 1));
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        if lines.is_empty() {
            return text;
        }
        let line = random.below(lines.len());
        let start: usize = lines[..line].iter().map(|line| line.len()).sum();
        let end = start + lines[line].len();
        let indent = lines[line].len() - lines[line].trim_start_matches(' ').len();
        match random.below(9) {
            0 | 1 => text.insert_str(at, random.pick(&HOSTILE)),
            2 => text.insert_str(start + indent, random.pick(&HOSTILE)),
            3 => {
                let colon = text[start..end].find(": ").map_or(end, |colon| start + colon + 2);
                text.insert_str(colon, random.pick(&HOSTILE));
            }
            4 => {
                let stop = boundary(&text, (at + 1 + random.below(3)).min(text.len()));
                text.replace_range(at..stop, "");
            }
            5 => {
                let twice = lines[line].repeat(2);
                text.replace_range(start..end, &twice);
            }
            6 => text.insert_str(start, random.pick(&[" ", "  ", "    "])),
            7 => text.replace_range(start..start + random.below(indent + 1), ""),
            _ => {
                let other: String = random.pick(&lines).to_owned();
                if random.one_in(2) {
                    text.replace_range(start..end, &other);
                } else {
                    text.replace_range(start..end, "");
                }
            }
        }
    }
    text
}
