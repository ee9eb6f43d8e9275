//! Sources beside the real programs that they ask.

mod aws;
mod management;
mod protocol;

pub(crate) use aws::Moto;

use crate::tools::{Home, KCX, fine};
use kcx::settings::RECIPES;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// A home with these sources in the settings of kcx.
pub(crate) fn home(sources: &str) -> Home {
    let home = Home::new();
    for folder in [".kube", ".config/kcx", "bin"] {
        fs::create_dir_all(home.path(folder)).unwrap();
    }
    home.write(".config/kcx/config.yaml", format!("sources:\n{sources}"));
    home
}

#[test]
fn shellcheck_has_nothing_to_say_of_the_recipes() {
    for recipe in RECIPES {
        let script = fine(&Command::new(KCX).args(["source", "script", recipe.name]).output().unwrap());
        let mut check = Command::new("shellcheck")
            .args(["-s", "sh", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        check.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = check.wait_with_output().unwrap();
        assert!(output.status.success(), "{}:\n{}", recipe.name, String::from_utf8_lossy(&output.stdout));
    }
    let fake = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recipes/fake");
    fine(&Command::new("shellcheck").arg(fake).output().unwrap());
}
