//! `kcx demo`: the whole tour, which touches nothing of the user's.

use crate::common::{Sandbox, THREE};

#[test]
fn the_tour() {
    Sandbox::with(THREE).run("demo").shows(r"
A tour of kcx, in a throw-away home folder with a kubeconfig of three contexts.

# What there is, and where you are:
$ kcx get
CURRENT   NAME         CLUSTER           USER      NAMESPACE
*         dev          kind-shop         me
          production   shop-production   on-call   cart
          staging      shop-staging      me        cart

# Switch. It is one line of the file:
$ kcx use staging
switched to context `staging`, namespace `cart`

# Where does the next kubectl go?
$ kcx current
context:   staging
namespace: cart
cluster:   shop-staging
user:      me
scope:     global
file:      ~/.kube/config:24

# Another namespace; the cluster is not asked:
$ kcx ns checkout
switched to namespace `checkout` in context `staging`

# A slip harms nobody:
$ kcx use prodction
error: no context named `prodction`
hint: did you mean `production`? `kcx get` lists all 3

# Back to where you came from; `kcx -` is short for it:
$ kcx use -
switched to context `dev`

# Who can log in, and how? Secrets stay hidden:
$ kcx get users
NAME      AUTH
me        token
on-call   exec shop-login

# `kubectl config` works too, with the same words and answers:
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

The folder is gone now. On your own kubeconfig: `kcx` lists, `kcx NAME` switches, `kcx --help` tells the rest.
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
hint: `TMPDIR=FOLDER kcx demo` tries another place
--- exit 1
no file changed
",
    );
    sandbox.run("demo -o json").shows(
        r"
--- stderr
error: `kcx demo` prints no data, so it has no `-o`
hint: `kcx current -o json` tells where you are
--- exit 2
no file changed
",
    );
}
