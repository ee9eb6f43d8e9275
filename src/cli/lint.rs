//! `kcx lint`: reports all problems of a kubeconfig with their positions.

mod access;
mod environment;
mod explain;
mod files;
mod find;
mod fix;
mod introduced;
mod preferences;
mod pretty;
mod report;

use super::World;
use super::error::{Cause, Error, name};
use super::globals::Output;
use crate::codec::duration;
use crate::kubeconfig::lint::{Code, Finding, Severity};
use environment::LintEnvironment;
use files::Group;
use fix::Fixed;
pub(super) use introduced::introduced;
use std::path::PathBuf;
use std::time::Duration;

/// Report all problems of a kubeconfig, with their positions
///
/// No cluster is queried. Without FILE, your own kubeconfigs are checked as kubectl merges them, together with kubectl's
/// preferences (kuberc); each FILE is checked by itself.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = AFTER)]
pub struct LintArgs {
    /// Kubeconfigs, or folders of them; `-` is stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,

    /// Warn if a certificate or token expires within this time (default: 30d)
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = duration::parse, hide_default_value = true)]
    pub within: Duration,

    /// Show findings from this severity on: info (default), warning or error
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "info",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub severity: Lowest,

    /// Exit with 1 if there are findings from this severity on: info, warning, error or never (default: error)
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "error",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub fail_on: Level,

    /// Check only these codes; `KCX4` means all codes that begin with it (can be repeated, or separated by commas)
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = pattern)]
    pub select: Vec<String>,

    /// Do not check these codes (can be repeated, or separated by commas)
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = pattern)]
    pub ignore: Vec<String>,

    /// Fix what can be fixed safely
    #[arg(long)]
    pub fix: bool,

    /// Also apply fixes whose result may not be the intended one; each one is reported
    #[arg(long)]
    pub unsafe_fixes: bool,

    /// With --fix: show what would change as a diff, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Explain a code; with --all, all of them
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "",
        conflicts_with_all = ["files", "fix", "unsafe_fixes"])]
    pub explain: Option<String>,

    /// With --explain: all codes, as a table
    #[arg(long, requires = "explain")]
    pub all: bool,
}

const AFTER: &str = "\
`# kcx-lint: ignore KCX204` at the end of a line, or above a line or an entry, suppresses the finding there; \
`# kcx-lint: ignore-file KCX204` does so in the whole file.

-o json and -o yaml print all findings with their places, -o sarif for code scanning, -o github as annotations of a workflow.

The exit code is 1 if there are findings (see --fail-on), with --fix if some are left, with --dry-run if some would be \
left. It is 2 if the command line is invalid.";

/// The lowest severity to show.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lowest {
    /// All findings.
    #[default]
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
}

impl Lowest {
    fn takes(self, code: Code) -> bool {
        let level = match self {
            Lowest::Info => Level::Info,
            Lowest::Warning => Level::Warning,
            Lowest::Error => Level::Error,
        };
        level.takes(code)
    }
}

/// A severity, or none of them.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// All findings.
    #[default]
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
    /// Nothing.
    Never,
}

impl Level {
    fn takes(self, code: Code) -> bool {
        match self {
            Level::Info => true,
            Level::Warning => code.severity() >= Severity::Warning,
            Level::Error => code.severity() >= Severity::Error,
            Level::Never => false,
        }
    }
}

/// A code, or the prefix of several codes.
fn pattern(text: &str) -> Result<String, String> {
    let wanted = text.trim().to_ascii_uppercase();
    let fits = |code: &Code| code.to_string().starts_with(&wanted);
    match wanted.starts_with("KCX") && Code::ALL.iter().any(fits) {
        true => Ok(wanted),
        false => Err("unknown code; `kcx lint --explain --all` lists all".to_owned()),
    }
}

impl LintArgs {
    /// True if this code is selected.
    fn wants(&self, code: Code) -> bool {
        let word = code.to_string();
        let among = |list: &[String]| list.iter().any(|pattern| word.starts_with(pattern.as_str()));
        (self.select.is_empty() || among(&self.select)) && !among(&self.ignore)
    }

    fn fixes(&self) -> bool {
        self.fix || self.unsafe_fixes
    }
}

/// Checks kubeconfigs.
///
/// `-o json` and `-o yaml` print one object, as `docs/schema/lint.json` describes it: `findings`, each with `code`,
/// `severity`, `title`, `message`, `hint`, `file`, its place and its `entry`, `summary`, how many there are, `fixed`, what
/// was fixed, and `fixable`, how many of the findings can be fixed.
///
/// # Errors
/// Silent, with exit code 1, if there are findings of the severity `--fail-on` or above; or a fix could not be written.
pub(super) fn run(args: &LintArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let Some(code) = &args.explain {
        return explain::run(code, args.all, world);
    }
    if args.dry_run && !args.fixes() {
        return Err(Error::new(Cause::Usage, "`--dry-run` needs `--fix` or `--unsafe-fixes`")
            .hint("`kcx lint --fix --dry-run` shows what would change"));
    }
    if args.fixes() && args.files.iter().any(|file| file == "-") {
        let message = "stdin cannot be fixed: there is no file to write";
        return Err(Error::new(Cause::Usage, message).hint("name the file"));
    }
    let environment = LintEnvironment::with_warnings(world.env, args.within);
    let mut groups = find::find(args, world);
    let mut fixed = Fixed::default();
    if args.fixes() {
        fixed = fix::run(args, &groups, &environment, world);
        if args.dry_run {
            fix::show(&fixed, world)?;
            groups = groups.iter().map(|group| group.with_changes(&fixed.files)).collect();
        } else if !fixed.files.is_empty() {
            groups = find::find(args, world);
        }
    }
    if args.files.is_empty() && groups.iter().all(Group::is_nowhere) {
        world.warn("there is no kubeconfig where kubectl looks for one");
    }
    if args.files.is_empty() {
        groups.extend(preferences::own(world.env));
    }
    let mut found = Vec::new();
    for group in &groups {
        let findings = group.findings(&environment).into_iter().filter(|finding| args.wants(finding.code));
        found.extend(findings.map(|finding| Found { group, finding }));
    }
    let fails = found.iter().any(|it| args.fail_on.takes(it.finding.code));
    let all = found.len();
    found.retain(|it| args.severity.takes(it.finding.code));
    print(&found, all - found.len(), args, &fixed, world)?;
    match fixed.failed {
        Some(error) => Err(error),
        None if fails => Err(Error::silent(1)),
        None => Ok(()),
    }
}

/// A finding about a file, for other commands.
pub(super) struct FileFinding {
    /// The file, as spelled.
    pub(super) file: PathBuf,
    pub(super) finding: Finding,
}

/// All findings about the user's own kubeconfigs and kubectl's preferences.
pub(super) fn own(world: &World<'_>) -> Vec<FileFinding> {
    let environment = LintEnvironment::of(world.env);
    let mut groups = find::find(&LintArgs::default(), world);
    groups.extend(preferences::own(world.env));
    let mut found = Vec::new();
    for group in &groups {
        let findings = group.findings(&environment).into_iter();
        found.extend(findings.map(|finding| FileFinding { file: group.path(&finding).to_owned(), finding }));
    }
    found
}

/// A finding with the group of files that it is about.
struct Found<'g> {
    group: &'g Group,
    finding: Finding,
}

/// The findings to show, and the number of those below `--severity`.
fn print(
    found: &[Found<'_>],
    below: usize,
    args: &LintArgs,
    fixed: &Fixed,
    world: &mut World<'_>,
) -> Result<(), Error> {
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => {
            world.print_value(output, &report::object(found, fixed, args.dry_run))?;
        }
        Some(output @ Output::Sarif) => world.print_value(output, &report::sarif(found))?,
        Some(Output::Github) => world.print(&report::github(found))?,
        _ if args.dry_run => {
            let what = match (&fixed.failed, fixed.made.is_empty()) {
                (Some(_), _) => return Ok(()),
                (None, true) => "no finding can be fixed; `kcx lint` lists them, and which flag fixes one",
                (None, false) => "nothing was written",
            };
            world.done(&format!("dry run, {what}; left: {}", counted(found, below, args.severity)));
        }
        _ => {
            pretty::print(found, world)?;
            world.done(&counted(found, below, args.severity));
        }
    }
    Ok(())
}

/// The number of findings, and of those that are not shown.
fn counted(found: &[Found<'_>], below: usize, severity: Lowest) -> String {
    match below {
        0 => summary(found),
        _ => format!(
            "{}; {below} below `{}` not shown (`--severity=info` shows all)",
            summary(found),
            if severity == Lowest::Error { "error" } else { "warning" }
        ),
    }
}

/// The number of findings.
fn summary(found: &[Found<'_>]) -> String {
    let counts = [Severity::Error, Severity::Warning, Severity::Info].map(|severity| {
        let count = found.iter().filter(|it| it.finding.code.severity() == severity).count();
        (severity.word(), count)
    });
    let said = |(word, count): &(&str, usize)| match (*word, count) {
        ("info", count) => format!("{count} info"),
        (word, 1) => format!("1 {word}"),
        (word, count) => format!("{count} {word}s"),
    };
    let counts: Vec<String> = counts.iter().filter(|(_, count)| *count > 0).map(said).collect();
    if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") }
}

/// Parses a code.
fn code(word: &str) -> Result<Code, Error> {
    word.parse().map_err(|()| {
        Error::new(Cause::NotFound, format!("unknown code {}", name(word)))
            .hint("`kcx lint --explain --all` lists all")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_chosen_by_their_beginnings() {
        let args =
            LintArgs { select: vec!["KCX4".into()], ignore: vec!["KCX402".into()], ..LintArgs::default() };
        assert!(args.wants(Code::Expired) && !args.wants(Code::Expiring) && !args.wants(Code::Syntax));
        assert!(pattern("kcx00").is_ok() && pattern("KCX9").is_err() && pattern("4").is_err());
    }
}
