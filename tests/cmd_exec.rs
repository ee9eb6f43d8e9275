//! `kcx exec`: which contexts are meant, and what would run. What does run is in `real/exec.rs` and `real/exec_fleet.rs`.

use crate::common::{Sandbox, THREE};

#[test]
fn a_dry_run_says_what_would_run_where() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("exec prod-* dev -n shop --dry-run -- echo a&b").shows(
        "
would run in context `prod-eu1`, namespace `shop`: echo 'a&b'
would run in context `dev`, namespace `shop`: echo 'a&b'
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("exec prod-eu1 --dry-run -o json -- echo -n").shows(
        "
[
    {
        \"context\": \"prod-eu1\",
        \"namespace\": \"web\",
        \"command\": [
            \"echo\",
            \"-n\"
        ]
    }
]
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn regular_expressions_fit_anywhere_in_a_name() {
    let sandbox = Sandbox::with(THREE);
    let contexts = |words: &str| {
        let said = sandbox.run(&format!("exec --dry-run -o json --regex {words} -- true")).0;
        let names = said.lines().filter_map(|line| line.trim().strip_prefix("\"context\": "));
        names.map(|name| name.trim_matches([',', '"']).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(contexts("[0-9]$ ^d prod"), ["prod-eu1", "dev"]);
    assert_eq!(contexts("."), ["dev", "prod-eu1", "stale"]);
    sandbox.run("exec --regex ^rod -- true").shows(
        "
--- stderr
error: no context matches `^rod`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    let said = sandbox.run("exec --regex a( -- true").0;
    assert!(said.starts_with("--- stderr\nerror: `a(` is not a valid regular expression: "), "{said}");
    assert!(said.contains("--- exit 2\n"), "{said}");
}

#[test]
fn without_a_context_and_a_terminal_there_is_nothing_to_run() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("exec -- true").shows(
        "
--- stderr
error: no context was named, and there is no terminal to choose one on
hint: `kcx exec PATTERN… -- CMD…`; `'*'` means all contexts, `$(kcx current -o name)` the current one
--- exit 2
no file changed
",
    );
    for words in ["exec dev --parallel 0 -- true", "exec dev --timeout 5 -- true", "exec dev -o wide -- true"]
    {
        assert!(sandbox.run(words).0.contains("--- exit 2\n"), "{words}");
    }
}

#[test]
fn a_time_limit_is_longer_than_nothing() {
    let sandbox = Sandbox::with(THREE);
    for words in
        ["exec dev --timeout 0 -- true", "status --timeout 0s", "whoami --timeout 0", "status --watch=0"]
    {
        let said = sandbox.run(words).0;
        assert!(said.contains(": it must be longer than 0\n--- exit 2"), "{words}: {said}");
    }
}
