//! `kcx demo`: the whole tour, which touches nothing of the user's.

use crate::bless;
use crate::common::{Sandbox, THREE};
use std::fs;
use unicode_width::UnicodeWidthStr;

/// What the demo prints, without the number of days that depends on today, and without what depends on the folder of the
/// program.
fn tour(sandbox: &Sandbox, words: &str) -> String {
    let said = sandbox.run(words).0.replace(" --command kcx-credential", "");
    let (before, after) = said.split_once(" expired ").expect("an expired token");
    let (days, after) = after.split_once(' ').expect("days");
    assert!(days.parse::<u32>().is_ok_and(|days| days > 600), "{days}");
    format!("{before} expired N {after}")
}

/// The text without its colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[test]
fn the_tour() {
    let mut sandbox = Sandbox::with(THREE);
    let temp = sandbox.path().join("temp");
    fs::create_dir(&temp).unwrap();
    sandbox.env.temp.clone_from(&temp);
    let said = tour(&sandbox, "demo");
    bless::same(
        &said,
        r"
1 of 7: Switch
# The contexts; * marks the current one:
$ kcx get
CURRENT   NAME         CLUSTER           USER      NAMESPACE   LABEL
*         dev          kind-shop         me
          production   shop-production   on-call   cart        PROD
          staging      shop-staging      me        cart
# Switch. This changes one word of the file, no comment and no order:
$ kcx staging
switched to context `staging`, namespace `cart`
# A typo changes nothing:
$ kcx prodction
error: `prodction` is neither a command nor a context
hint: did you mean `production`? `kcx get` lists all 3
# Return to the previous context:
$ kcx -
switched to context `dev`

2 of 7: Two terminals, two contexts
# With the hook of `kcx init` each terminal has a context of its own:
[terminal 1] dev:default $ kcx staging
switched to context `staging`, namespace `cart`
[terminal 2] dev:default $ kcx current -o name
dev
[terminal 2] dev:default $ kcx ns payments
switched to namespace `payments` in context `dev`
# kubectl follows; `kcx config` answers as `kubectl config` does:
[terminal 1] staging:cart $ kcx config current-context
staging
[terminal 2] dev:payments $ kcx config current-context
dev
[terminal 1] staging:cart $ kcx current
context:   staging
namespace: cart
cluster:   shop-staging
user:      me
scope:     session
file:      ~/.kube/config:24

3 of 7: Import a colleague's kubeconfig
# A name that means something else here is a conflict, and nothing is written:
staging:cart $ kcx import ~/colleague.yaml
error: 2 names are already used with other content in `~/.kube/config`; nothing
  was imported
  `colleague.yaml` differs: cluster `shop-staging` in `server`; context
  `staging` in `user`
hint: `--on-conflict=update` if it is the same cluster created again,
  `--on-conflict=rename` to keep both
hint: `--name NAME` gives the imported context and its entries another name
# Keep both:
staging:cart $ kcx import ~/colleague.yaml --on-conflict=rename
added context `staging-2`, cluster `shop-staging-2`, user `preview` in
  `~/.kube/config`
cluster `shop-staging` has the name `shop-staging-2` here
context `staging` has the name `staging-2` here
`kcx use staging-2` switches to it
staging:cart $ kcx get
CURRENT   NAME         CLUSTER           USER      NAMESPACE   LABEL
          dev          kind-shop         me
          production   shop-production   on-call   cart        PROD
*         staging      shop-staging      me        cart
          staging-2    shop-staging-2    preview   cart

4 of 7: What is wrong with it?
# kubectl would only say that you must be logged in to the server:
staging:cart $ kcx lint ~/colleague.yaml
info[KCX317]: user `preview` has its token in plain text
  --> ~/colleague.yaml:14:12
   |
14 |     token: ************************************************************…
   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: `kcx credential seal preview` moves it into the keychain

error[KCX408]: the token of user `preview` (preview) expired N days ago, on
  2025-01-01
  --> ~/colleague.yaml:14:12
   |
14 |     token: ************************************************************…
   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: The token is a JSON Web Token with an expiry in the past: the
           cluster refuses it. Log in again. Only its claims were read; the
           signature was not verified.

1 error, 1 info

5 of 7: Undo
# Every change is recorded, and can be undone, here the import:
staging:cart $ kcx history
CHANGE   WHEN       COMMAND      WHAT
3        just now   kcx import   added cluster `shop-staging-2`, 2 more
2        just now   kcx use      switched from `staging` to `dev`
1        just now   kcx use      switched from `dev` to `staging`
staging:cart $ kcx undo
undid change 3 (`kcx import`, just now), which added cluster `shop-staging-2`,
  added user `preview`, added context `staging-2`
# The file is again what it was, byte for byte:
staging:cart $ kcx get
CURRENT   NAME         CLUSTER           USER      NAMESPACE   LABEL
          dev          kind-shop         me
          production   shop-production   on-call   cart        PROD
*         staging      shop-staging      me        cart

6 of 7: No token in the file
# Whoever gets this file can use the token of `me`:
staging:cart $ kcx get users
NAME      AUTH
me        token
on-call   exec shop-login
# Move it into the keychain; here into an encrypted file:
staging:cart $ kcx credential seal me --store=file
sealed user `me` in `~/.kube/config`: moved `token` to the encrypted files;
  valid for https://127.0.0.1:6443 and https://staging.shop.example
# kubectl, helm and others now get it from the program kcx-credential:
staging:cart $ kcx get users
NAME      AUTH
me        exec kcx-credential
on-call   exec shop-login

7 of 7: Production asks first
# A rule of the settings protects it. On a terminal you type its name; here:
[terminal 2] dev:payments $ kcx production
error: `production` is protected; nothing was switched
hint: `--yes-i-mean production` confirms it here
hint: `kcx protect lift 10m production` stops kcx asking about it for 10 minutes
[terminal 2] dev:payments $ kcx production --yes-i-mean production
switched to context `production`, namespace `cart`
# The prompt shows where you are, in red; the other terminal stays where it was:
[terminal 2] production:cart [PROD] $ kcx protect
NAME         LABEL   CONFIRM     LIFTED
production   PROD    type-name
[terminal 1] staging:cart $ kcx current -o name
staging

The folder of this tour is gone now. With your own kubeconfig:
  kcx                   choose a context from a list
  kcx NAME              switch to it; `kcx -` goes back
  kcx init --install    give each terminal a context of its own
  kcx import FILE       add the contexts of another kubeconfig
  kcx doctor            look for what commonly goes wrong
  kcx --help            all commands
--- stderr
--- exit 0
no file changed
",
        "kcx demo",
    );
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "left behind");
    // A screen and the line that asks for a key fit 80 columns and 30 rows.
    let body = said.split("--- stderr").next().unwrap();
    let starts = (2..=7).map(|number| body.find(&format!("\n{number} of 7: ")).expect("a heading") + 1);
    let end = body.find("\nThe folder of this tour").expect("the end") + 1;
    let starts: Vec<usize> = std::iter::once(0).chain(starts).chain([end, body.len()]).collect();
    let screens = starts.windows(2).map(|pair| &body[pair[0]..pair[1]]);
    for screen in screens {
        assert!(screen.trim_end().lines().count() <= 28, "{screen}");
        let widest = screen.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(widest <= 80, "{widest} columns: {screen}");
    }
    // Colours change nothing else.
    let colored = tour(&sandbox, "--color always demo");
    assert_ne!(colored, said);
    assert_eq!(plain(&colored), said);
    assert!(!said.contains('\x1b'));
}

#[test]
fn narrow_terminals_get_narrow_lines() {
    let mut sandbox = Sandbox::with(THREE);
    sandbox.env.columns = Some(60);
    let said = sandbox.run("demo").0;
    let prose = said.lines().filter(|line| line.starts_with('#') || line.starts_with("hint:"));
    assert!(prose.clone().count() > 10 && prose.clone().all(|line| line.width() <= 60), "{said}");
}

#[test]
fn without_a_place_for_it() {
    let mut sandbox = Sandbox::new();
    sandbox.env.temp = sandbox.path().join("nowhere");
    sandbox.run("demo").shows(
        r"
--- stderr
error: the tour needs a folder in `@DIR@/nowhere`: no such file or directory
hint: `TMPDIR=FOLDER kcx demo` uses another folder
--- exit 1
no file changed
",
    );
    sandbox.run("demo -o json").shows(
        r"
--- stderr
error: `kcx demo` prints no data and does not support `-o`
hint: `kcx current -o json` prints the current context
--- exit 2
no file changed
",
    );
}
