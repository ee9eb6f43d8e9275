//! What kcx gives PowerShell, read by a grammar of the language: `tests/powershell.py` says how.

use crate::tools::{Home, KCX, which};

#[test]
fn powershell_reads_each_path_and_name_as_one_string_with_that_value() {
    let grammar = std::env::var("KCX_TEST_POWERSHELL_GRAMMAR")
        .expect("KCX_TEST_POWERSHELL_GRAMMAR: `tests/run` installs it");
    let home = Home::new();
    let mut command = home.command(&which("python3"), "");
    command.env_remove("KUBECONFIG").env("PYTHONPATH", grammar);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powershell.py");
    let output = command.args([script, KCX]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(" checks, "), "{said}");
}
