//! `kcx demo`: the whole tour, which touches nothing of the user's.

use crate::common::{Sandbox, THREE};

#[test]
fn the_tour() {
    Sandbox::with(THREE).run("demo").shows(r"
A tour of kcx, in a temporary home folder with a kubeconfig of three contexts.

# List the contexts; * marks the current one:
$ kcx get
CURRENT   NAME         CLUSTER           USER      NAMESPACE
*         dev          kind-shop         me
          production   shop-production   on-call   cart
          staging      shop-staging      me        cart

# Switch. This changes one line of the file:
$ kcx use staging
switched to context `staging`, namespace `cart`

# Which cluster does kubectl use now?
$ kcx current
context:   staging
namespace: cart
cluster:   shop-staging
user:      me
scope:     global
file:      ~/.kube/config:24

# Switch the namespace; the cluster is not queried:
$ kcx ns checkout
switched to namespace `checkout` in context `staging`

# A typo changes nothing:
$ kcx use prodction
error: no context named `prodction`
hint: did you mean `production`? `kcx get` lists all 3

# Return to the previous context; `kcx -` is short for it:
$ kcx use -
switched to context `dev`

# List the users and how they log in; secrets are not shown:
$ kcx get users
NAME      AUTH
me        token
on-call   exec shop-login

# `kubectl config` commands work too, with the same output:
$ kcx config get-contexts -o name
dev
production
staging

# All of that changed one line of the file, and on that line one word. Comments, order and quotes are as they were:
$ diff ~/config.before ~/.kube/config
28c28
<     namespace: cart   # the one with the bug
---
>     namespace: checkout   # the one with the bug

The folder is gone now. On your own kubeconfig: `kcx` lists, `kcx NAME` switches, `kcx --help` shows the rest.
--- stderr
--- exit 0
no file changed
");
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
