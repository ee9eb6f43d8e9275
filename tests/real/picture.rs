//! The picture in the README: two terminals with kcx in them, as tmux has them on its screens.
//!
//! `KCX_BLESS=1` draws it again. A frame is what both terminals show at one moment; the drawing shows one after the other.
//! A viewer without animations shows the last one.

use crate::screen::{Pane, Screen};
use std::fmt::Write;
use std::fs;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kcx.svg");

const CONFIG: &str = r#"apiVersion: v1
kind: Config
current-context: dev   # safe to break
clusters:
- {name: dev, cluster: {server: "https://dev.shop.example"}}
- {name: staging, cluster: {server: "https://staging.shop.example"}}
- {name: production, cluster: {server: "https://production.shop.example"}}
contexts:
- {name: dev, context: {cluster: dev, user: me}}
- {name: production, context: {cluster: production, user: me, namespace: cart}}
- {name: staging, context: {cluster: staging, user: me, namespace: cart}}
- {name: staging-db, context: {cluster: staging, user: me, namespace: db}}
users:
- {name: me, user: {token: not-a-real-token}}
"#;

const SETTINGS: &str = "\
rules:
- {match: production, label: PROD, confirm: type-name}
- {match: dev, color: green}
";

/// The size of a terminal, and the rows of each that are drawn.
const COLUMNS: u16 = 80;
const ROWS: u16 = 11;
const SHOWN: [usize; 2] = [11, 7];
const TITLES: [&str; 2] = ["Terminal 1", "Terminal 2"];

/// A cell of the terminal is as wide as a character of this size.
const WIDTH: f64 = 8.4;
const HEIGHT: usize = 18;
const MARGIN: usize = 14;
const TITLE: usize = 26;
const GAP: usize = 10;

/// The ends of a screen that waits for keys: a prompt, a question, the list with its preview.
const WAITS: [&str; 3] = ["$", ":", "config"];

/// The colours of the terminal: the eight of its palette, of the text, and of text that stands back.
const PALETTE: [&str; 8] =
    ["#6e7681", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#e6edf3"];
const TEXT: &str = "#c9d1d9";
const DIM: &str = "#8b949e";

/// How a text looks.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    color: Option<usize>,
    bold: bool,
    dim: bool,
}

/// What both terminals show for so many tenths of a second.
struct Frame {
    terminals: [String; 2],
    tenths: usize,
}

struct Film<'s> {
    home: String,
    panes: [Pane<'s>; 2],
    frames: Vec<Frame>,
}

impl Film<'_> {
    /// Takes a picture of both terminals.
    fn take(&mut self, tenths: usize) {
        let draw = |at: usize| {
            let (text, cursor) = self.panes[at].painted();
            draw(&text.replace(&self.home, "/home/me"), cursor, SHOWN[at])
        };
        self.frames.push(Frame { terminals: [draw(0), draw(1)], tenths });
    }

    /// Types a text, and shows it.
    fn type_text(&mut self, pane: usize, text: &str, shown: &str, tenths: usize) {
        self.panes[pane].text(text);
        self.panes[pane].wait_for(shown);
        self.take(tenths);
    }

    /// Presses Enter, and shows the answer, with what then waits for keys.
    fn enter(&mut self, pane: usize, answer: &str, tenths: usize) {
        self.panes[pane].press(&["Enter"]);
        self.panes[pane].wait(answer, |seen| {
            seen.split_once(answer)
                .is_some_and(|(_, rest)| WAITS.iter().any(|end| rest.trim_end().ends_with(end)))
                || answer.ends_with('$') && seen.contains(answer)
        });
        self.take(tenths);
    }
}

/// The style after an escape sequence.
fn styled(mut style: Style, codes: &str) -> Style {
    for code in codes.split(';').map(|code| code.parse().unwrap_or(0)) {
        match code {
            0 => style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            22 => (style.bold, style.dim) = (false, false),
            30..=37 => style.color = Some(code - 30),
            39 => style.color = None,
            90..=97 => style.color = Some(code - 90),
            _ => {}
        }
    }
    style
}

/// A line as texts of one style, each with its first column. Many blanks are left out, so that columns stay in line in
/// any font. The style at the end of a line is that of the next one.
fn runs(line: &str, style: &mut Style) -> Vec<(usize, Style, String)> {
    let mut runs: Vec<(usize, Style, String)> = Vec::new();
    let (mut column, mut blanks) = (0, 2);
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some((codes, after)) = rest.strip_prefix("\x1b[").and_then(|rest| rest.split_once('m')) {
            *style = styled(*style, codes);
            rest = after;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match runs.last_mut() {
            _ if c == ' ' => blanks += 1,
            Some((_, last, text)) if last == style && blanks < 2 => {
                *text += &" ".repeat(blanks);
                text.push(c);
                blanks = 0;
            }
            _ => {
                runs.push((column, *style, c.to_string()));
                blanks = 0;
            }
        }
        column += 1;
    }
    runs
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn place(column: usize) -> f64 {
    MARGIN as f64 + column as f64 * WIDTH
}

/// The rows of a terminal as SVG.
fn draw(text: &str, (x, y): (usize, usize), rows: usize) -> String {
    let (mut svg, mut style) = (String::new(), Style::default());
    for (row, line) in text.lines().take(rows).enumerate() {
        let runs = runs(line, &mut style);
        if runs.is_empty() {
            continue;
        }
        let base = TITLE + HEIGHT * (row + 1) - 4;
        write!(svg, "<text y=\"{base}\">").unwrap();
        for (column, style, text) in runs {
            let color = style.color.map(|color| PALETTE[color]).or(style.dim.then_some(DIM));
            let color = color.map(|color| format!(" fill=\"{color}\"")).unwrap_or_default();
            let bold = if style.bold { " font-weight=\"bold\"" } else { "" };
            write!(svg, "<tspan x=\"{:.1}\"{color}{bold}>{}</tspan>", place(column), escaped(&text)).unwrap();
        }
        svg += "</text>\n";
    }
    if y < rows {
        let top = TITLE + HEIGHT * y;
        writeln!(svg, "<rect x=\"{:.1}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{TEXT}\" opacity=\".5\"/>", place(x))
            .unwrap();
    }
    svg
}

/// What one terminal shows, from when to when.
fn scenes(frames: &[Frame], terminal: usize) -> Vec<(usize, usize, &str)> {
    let mut scenes: Vec<(usize, usize, &str)> = Vec::new();
    let mut from = 0;
    for frame in frames {
        let (to, shown) = (from + frame.tenths, frame.terminals[terminal].as_str());
        match scenes.last_mut() {
            Some((_, end, last)) if *last == shown => *end = to,
            _ => scenes.push((from, to, shown)),
        }
        from = to;
    }
    scenes
}

/// The drawing of all frames.
fn drawing(frames: &[Frame]) -> String {
    let width = (2.0 * MARGIN as f64 + f64::from(COLUMNS) * WIDTH) as usize;
    let heights = SHOWN.map(|rows| TITLE + HEIGHT * rows + MARGIN);
    let height = heights[0] + GAP + heights[1];
    let whole: usize = frames.iter().map(|frame| frame.tenths).sum();
    let percent = |tenths: usize| 100.0 * tenths as f64 / whole as f64;
    let mut style = format!(
        "text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:{TEXT};white-space:pre}}\n\
         g g{{opacity:0;animation:{}s infinite step-end}}\n",
        whole as f64 / 10.0
    );
    let mut groups = String::new();
    let mut top = 0;
    for (terminal, height) in heights.into_iter().enumerate() {
        write!(
            groups,
            "<g transform=\"translate(0 {top})\">\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n\
             <text x=\"{MARGIN}\" y=\"18\" style=\"fill:{DIM}\">{}</text>\n",
            TITLES[terminal]
        )
        .unwrap();
        for (at, (from, to, shown)) in scenes(frames, terminal).into_iter().enumerate() {
            let name = format!("t{terminal}s{at}");
            let last = u8::from(to == whole);
            write!(style, "@keyframes {name}{{0%{{opacity:{}}}", u8::from(from == 0)).unwrap();
            for (tenths, opacity) in [(from, 1), (to, last)] {
                if tenths > 0 && tenths < whole {
                    write!(style, "{:.2}%{{opacity:{opacity}}}", percent(tenths)).unwrap();
                }
            }
            writeln!(style, "100%{{opacity:{last}}}}}#{name}{{animation-name:{name};opacity:{last}}}")
                .unwrap();
            write!(groups, "<g id=\"{name}\">\n{shown}</g>\n").unwrap();
        }
        groups += "</g>\n";
        top += height + GAP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>kcx in two terminals</title>\n<style>\n{style}\
         @media (prefers-reduced-motion:reduce){{g g{{animation:none}}}}\n</style>\n{groups}</svg>\n"
    )
}

#[test]
fn the_picture_in_the_readme_is_what_terminals_show() {
    let rc = "PS1='$ '\neval \"$(kcx init bash --no-completions)\"\n";
    let files = [(".kube/config", CONFIG), (".config/kcx/config.yaml", SETTINGS), ("rc", rc)];
    let screen = Screen::new(&files);
    let shell = format!("bash --noprofile --rcfile {}", screen.path("rc").display());
    screen.start(&shell, COLUMNS, ROWS);
    let panes = [screen.main(), screen.pane(&shell)];
    for pane in &panes {
        pane.wait_for("dev:default $");
    }
    let home = screen.path("").display().to_string().trim_end_matches('/').to_owned();
    let mut film = Film { home, panes, frames: Vec::new() };
    film.take(10);
    film.type_text(0, "kcx", "$ kcx", 8);
    film.enter(0, "4/4", 15);
    film.type_text(0, "pro", "1/4", 15);
    film.enter(0, "Type its name", 8);
    film.type_text(0, "production", ": production", 8);
    film.enter(0, "[PROD] $", 20);
    for (command, answer, tenths) in [
        ("kubectl config current-context", "\ndev\n", 20),
        ("kcx delete staging-db", "deleted context", 20),
        ("kcx undo", "undid change", 40),
    ] {
        film.type_text(1, command, command, 8);
        film.enter(1, answer, tenths);
    }
    let drawn = drawing(&film.frames);
    assert!(drawn.len() < 40_000, "{}", drawn.len());
    if std::env::var_os("KCX_BLESS").is_some() {
        fs::write(PICTURE, &drawn).unwrap();
    } else {
        let recorded = fs::read_to_string(PICTURE).unwrap_or_default();
        assert!(recorded == drawn, "docs/kcx.svg shows something else; `KCX_BLESS=1` draws it:\n{drawn}");
    }
}
