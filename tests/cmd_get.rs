//! `kcx get`: what there is.

use crate::common::{Sandbox, THREE};
use std::collections::HashSet;
use unicode_width::UnicodeWidthStr;

#[test]
fn contexts() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("get").shows(
        r"
CURRENT   NAME       CLUSTER   USER     NAMESPACE
*         dev        c-dev     u-dev
          prod-eu1   c-prod    u-prod   web
          stale      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("list").shows(
        r"
CURRENT   NAME       CLUSTER   USER     NAMESPACE
*         dev        c-dev     u-dev
          prod-eu1   c-prod    u-prod   web
          stale      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get ctx").shows(
        r"
CURRENT   NAME       CLUSTER   USER     NAMESPACE
*         dev        c-dev     u-dev
          prod-eu1   c-prod    u-prod   web
          stale      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get -o wide").shows(
        r"
CURRENT   NAME       CLUSTER   USER     NAMESPACE   SERVER                 FILE
*         dev        c-dev     u-dev                https://dev.example    @DIR@/.kube/config:11
          prod-eu1   c-prod    u-prod   web         https://prod.example   @DIR@/.kube/config:15
          stale      gone      u-dev                                       @DIR@/.kube/config:20
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get -o name").shows(
        r"
dev
prod-eu1
stale
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get -o json dev").shows(
        r#"
[
    {
        "name": "dev",
        "context": {
            "cluster": "c-dev",
            "user": "u-dev"
        },
        "file": "@DIR@/.kube/config",
        "line": 11,
        "current": true,
        "server": "https://dev.example",
        "label": null,
        "protected": false,
        "source": null,
        "labels": {},
        "aliases": []
    }
]
--- stderr
--- exit 0
no file changed
"#,
    );
    sandbox.run("get -o yaml prod-eu1").shows(
        r"
- aliases: []
  context:
    cluster: c-prod
    namespace: web
    user: u-prod
  current: false
  file: @DIR@/.kube/config
  label: null
  labels: {}
  line: 15
  name: prod-eu1
  protected: false
  server: https://prod.example
  source: null
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn clusters() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("get clusters").shows(
        r"
NAME     SERVER                 TLS
c-dev    https://dev.example    system CAs
c-prod   https://prod.example   own CA
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get cluster -o wide").shows(
        r"
NAME     SERVER                 TLS          FILE
c-dev    https://dev.example    system CAs   @DIR@/.kube/config:3
c-prod   https://prod.example   own CA       @DIR@/.kube/config:6
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get clusters -o name").shows(
        r"
c-dev
c-prod
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get cluster/c-prod -o json").shows(
        r#"
[
    {
        "name": "c-prod",
        "cluster": {
            "server": "https://prod.example",
            "certificate-authority-data": "DATA+OMITTED"
        },
        "file": "@DIR@/.kube/config",
        "line": 6
    }
]
--- stderr
--- exit 0
no file changed
"#,
    );
}

#[test]
fn users() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("get users").shows(
        r"
NAME     AUTH
u-dev    token
u-prod   exec aws
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get user -o wide").shows(
        r"
NAME     AUTH       FILE
u-dev    token      @DIR@/.kube/config:27
u-prod   exec aws   @DIR@/.kube/config:30
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get users -o yaml").shows(
        r"
- certificateExpires: null
  file: @DIR@/.kube/config
  line: 27
  name: u-dev
  tokenExpires: null
  user:
    token: REDACTED
- certificateExpires: null
  file: @DIR@/.kube/config
  line: 30
  name: u-prod
  tokenExpires: null
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - eks
      - get-token
      command: /usr/local/bin/aws
      env: null
      provideClusterInfo: false
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn by_name() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("get stale dev").shows(
        r"
CURRENT   NAME    CLUSTER   USER    NAMESPACE
*         dev     c-dev     u-dev
          stale   gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get context/dev").shows(
        r"
CURRENT   NAME   CLUSTER   USER    NAMESPACE
*         dev    c-dev     u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get users u-dev").shows(
        r"
NAME    AUTH
u-dev   token
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get contexts/dev ctx/stale").shows(
        r"
CURRENT   NAME    CLUSTER   USER    NAMESPACE
*         dev     c-dev     u-dev
          stale   gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn what_is_not_there_is_named() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("get dev nope").shows(
        r"
CURRENT   NAME   CLUSTER   USER    NAMESPACE
*         dev    c-dev     u-dev
--- stderr
error: no context named `nope`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("get nope nah").shows(
        r"
--- stderr
error: no contexts named `nope`, `nah`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("get users u-de").shows(
        r"
--- stderr
error: no user named `u-de`
hint: did you mean `u-dev`? `kcx get users` lists all 2
--- exit 3
no file changed
",
    );
    sandbox.run("get clusters c -o name").shows(
        r"
--- stderr
error: no cluster named `c`
hint: did you mean `c-dev` or `c-prod`? `kcx get clusters` lists all 2
--- exit 3
no file changed
",
    );
    sandbox.run("get nope -o json").shows(
        r"
[]
--- stderr
error: no context named `nope`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
}

#[test]
fn one_type_at_a_time() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("get users cluster/c-dev").shows(
        r"
--- stderr
error: no user named `cluster/c-dev`
hint: `kcx get users` lists all 2
--- exit 3
no file changed
",
    );
    sandbox.run("get context/dev user/u-dev").shows(
        r"
--- stderr
error: `kcx get` takes one type at a time; `context/dev` and `user/u-dev` were given
--- exit 2
no file changed
",
    );
    sandbox.run("get -o xml").shows(
        r"
--- stderr
error: `kcx get` does not support `-o xml`; use `-o name`, `wide`, `json` or `yaml`
--- exit 2
no file changed
",
    );
}

#[test]
fn nothing_there() {
    let sandbox = Sandbox::new();
    sandbox.run("get").shows(
        r"
--- stderr
there is no kubeconfig: `@DIR@/.kube/config` does not exist
hint: `kcx import FILE` adds the contexts of a kubeconfig; `kcx demo` shows kcx at work
--- exit 0
no file changed
",
    );
    sandbox.run("get users").shows(
        r"
--- stderr
there are no users in `@DIR@/.kube/config`
--- exit 0
no file changed
",
    );
    sandbox.run("get -o json").shows(
        r"
[]
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get -o name").shows(
        r"
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get dev").shows(
        r"
--- stderr
error: no context named `dev`
hint: there are no contexts; `kcx import FILE` adds those of a kubeconfig
--- exit 3
no file changed
",
    );
    sandbox.run("get -q").shows(
        r"
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn every_way_to_log_in() {
    let sandbox = Sandbox::with(USERS);
    sandbox.run("get users").shows(
        r"
NAME   AUTH
a      cert, token
b      token
c      password
d      oidc
e      none
f      exec gke-gcloud-auth-plugin
--- stderr
--- exit 0
no file changed
",
    );
}

const USERS: &str = "\
users:
- {name: a, user: {client-certificate: c.pem, client-key: k.pem, token: s3cr3t}}
- {name: b, user: {tokenFile: /var/run/token}}
- {name: c, user: {username: admin, password: s3cr3t}}
- {name: d, user: {auth-provider: {name: oidc, config: {refresh-token: s3cr3t}}}}
- {name: e, user: {}}
- {name: f, user: {exec: {command: gke-gcloud-auth-plugin, apiVersion: client.authentication.k8s.io/v1}}}
";

/// The table on a terminal of so many columns.
fn on_terminal(kubeconfig: &str, columns: usize) -> Sandbox {
    let mut sandbox = Sandbox::with(kubeconfig);
    sandbox.env.columns = Some(columns);
    sandbox.env.stdout_is_terminal = true;
    sandbox
}

#[test]
fn a_narrow_terminal_leaves_columns_out() {
    on_terminal(THREE, 30).run("get").shows(
        "
CURRENT   NAME       NAMESPACE
*         \u{1b}[32;1mdev\u{1b}[0m
          prod-eu1   web
          stale
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(THREE, 12).run("get").shows(
        "
CURRENT   NAME       NAMESPACE
*         \u{1b}[32;1mdev\u{1b}[0m
          prod-eu1   web
          stale
--- stderr
--- exit 0
no file changed
",
    );
}

/// Contexts as `aws eks update-kubeconfig` and `gcloud` name them.
fn clouds() -> String {
    let names = [
        "arn:aws:eks:eu-central-1:111122223333:cluster/payments",
        "arn:aws:eks:eu-central-1:444455556666:cluster/payments",
        "gke_acme-platform-prod_europe-west1_checkout",
        "上海-生产环境-kubernetes-主集群-华东二区",
    ];
    let mut text = "current-context: gke_acme-platform-prod_europe-west1_checkout\n".to_owned();
    for (list, entry) in
        [("clusters", "cluster: {server: 'https://a.example'}"), ("users", "user: {token: t}")]
    {
        text += &format!("{list}:\n");
        text.extend(names.map(|name| format!("- name: {name}\n  {entry}\n")));
    }
    text += "contexts:\n";
    text.extend(names.map(|name| {
        format!("- name: {name}\n  context: {{cluster: '{name}', user: '{name}', namespace: shop-backend}}\n")
    }));
    text
}

#[test]
fn generated_names_fit_a_terminal_and_stay_different() {
    on_terminal(&clouds(), 120).run("get").shows(
        "
CURRENT   NAME                                                     CLUSTER                                  NAMESPACE
          arn:aws:eks:eu-central-1:111122223333:cluster/payments   payments@111122223333                    shop-backend
          arn:aws:eks:eu-central-1:444455556666:cluster/payments   payments@444455556666                    shop-backend
*         \u{1b}[32;1mgke_acme-platform-prod_europe-west1_checkout\u{1b}[0m             checkout                                 shop-backend
          上海-生产环境-kubernetes-主集群-华东二区                 上海-生产环境-kube…tes-主集群-华东二区   shop-backend
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(&clouds(), 80).run("get").shows(
        "
CURRENT   NAME                                                     NAMESPACE
          arn:aws:eks:eu-central-1:111122223333:cluster/payments   shop-backend
          arn:aws:eks:eu-central-1:444455556666:cluster/payments   shop-backend
*         \u{1b}[32;1mgke_acme-platform-prod_europe-west1_checkout\u{1b}[0m             shop-backend
          上海-生产环境-kubernetes-主集群-华东二区                 shop-backend
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(&clouds(), 60).run("get").shows(
        "
CURRENT   NAME                                  NAMESPACE
          payments@111122223333                 shop-backend
          payments@444455556666                 shop-backend
*         \u{1b}[32;1mcheckout\u{1b}[0m                              shop-backend
          上海-生产环境-kub…s-主集群-华东二区   shop-backend
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(&clouds(), 80).run("get clusters").shows(
        "
NAME                                       SERVER              TLS
payments@111122223333                      https://a.example   system CAs
payments@444455556666                      https://a.example   system CAs
checkout                                   https://a.example   system CAs
上海-生产环境-kubernetes-主集群-华东二区   https://a.example   system CAs
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(&clouds(), 40).run("get -o wide").shows(
        "
CURRENT   NAME                                                     CLUSTER                                                  USER                                                     NAMESPACE      SERVER              FILE
          arn:aws:eks:eu-central-1:111122223333:cluster/payments   arn:aws:eks:eu-central-1:111122223333:cluster/payments   arn:aws:eks:eu-central-1:111122223333:cluster/payments   shop-backend   https://a.example   @DIR@/.kube/config:21
          arn:aws:eks:eu-central-1:444455556666:cluster/payments   arn:aws:eks:eu-central-1:444455556666:cluster/payments   arn:aws:eks:eu-central-1:444455556666:cluster/payments   shop-backend   https://a.example   @DIR@/.kube/config:23
*         \u{1b}[32;1mgke_acme-platform-prod_europe-west1_checkout\u{1b}[0m             gke_acme-platform-prod_europe-west1_checkout             gke_acme-platform-prod_europe-west1_checkout             shop-backend   https://a.example   @DIR@/.kube/config:25
          上海-生产环境-kubernetes-主集群-华东二区                 上海-生产环境-kubernetes-主集群-华东二区                 上海-生产环境-kubernetes-主集群-华东二区                 shop-backend   https://a.example   @DIR@/.kube/config:27
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn labels_and_colors_come_from_the_settings() {
    let rules = "rules:\n- {match: prod-*, label: PROD, confirm: yes}\n- {match: stale, color: yellow}\n";
    let mut sandbox = on_terminal(THREE, 80).file("set/config.yaml", rules);
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox.run("get").shows(
        "
CURRENT   NAME       CLUSTER   USER     NAMESPACE   LABEL
*         \u{1b}[32;1mdev\u{1b}[0m        c-dev     u-dev
          \u{1b}[1;31mprod-eu1\u{1b}[0m   c-prod    u-prod   web         \u{1b}[1;31mPROD\u{1b}[0m
          \u{1b}[33mstale\u{1b}[0m      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.env.no_color = true;
    sandbox.run("get").shows(
        "
CURRENT   NAME       CLUSTER   USER     NAMESPACE   LABEL
*         dev        c-dev     u-dev
          prod-eu1   c-prod    u-prod   web         PROD
          stale      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn names_cannot_act_on_a_terminal() {
    let mut sandbox = Sandbox::with("contexts: [{name: \"a\\e[2J\", context: {cluster: \"c\\n\"}}]\n");
    sandbox.run("get").shows(
        r"
CURRENT   NAME       CLUSTER   USER   NAMESPACE
          a\x1b[2J   c\n
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.env.stdout_is_terminal = true;
    sandbox.run("get -o name").shows(
        r"
a\x1b[2J
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("nope").shows(
        r"
--- stderr
error: `nope` is neither a command nor a context
hint: the only context is `a\x1b[2J`
--- exit 3
no file changed
",
    );
}

#[test]
fn secrets_are_shown_nowhere() {
    let sandbox = Sandbox::with(
        r#"
clusters:
- name: c
  cluster: {server: "https://me:s3cr3t@a.example/p", proxy-url: "http://me:s3cr3t@p:3128"}
contexts:
- {name: x, context: {cluster: c, user: plugin}}
users:
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args: [login, --client-secret=s3cr3t, -p, s3cr3t, --region, eu]
      command: sso
      env: [{name: DB_PASSWORD, value: s3cr3t}, {name: AWS_PROFILE, value: prod}]
- name: provider
  user:
    auth-provider:
      name: oidc
      config: {client-id: kcx, client-secret: s3cr3t, id-token: s3cr3t, refresh-token: s3cr3t}
"#,
    );
    sandbox.run("get -o wide").shows(
        r"
CURRENT   NAME   CLUSTER   USER     NAMESPACE   SERVER                FILE
          x      c         plugin               https://a.example/p   @DIR@/.kube/config:6
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get clusters -o yaml").shows(
        r"
- cluster:
    proxy-url: http://p:3128
    server: https://a.example/p
  file: @DIR@/.kube/config
  line: 3
  name: c
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get users -o yaml").shows(
        r"
- certificateExpires: null
  file: @DIR@/.kube/config
  line: 8
  name: plugin
  tokenExpires: null
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - login
      - --client-secret=REDACTED
      - -p
      - REDACTED
      - --region
      - eu
      command: sso
      env:
      - name: DB_PASSWORD
        value: REDACTED
      - name: AWS_PROFILE
        value: prod
      provideClusterInfo: false
- certificateExpires: null
  file: @DIR@/.kube/config
  line: 15
  name: provider
  tokenExpires: null
  user:
    auth-provider:
      config:
        client-id: kcx
        client-secret: REDACTED
        id-token: REDACTED
        refresh-token: REDACTED
      name: oidc
--- stderr
--- exit 0
no file changed
",
    );
}

/// Names of all clouds, three of which differ only in the middle.
fn many_clouds() -> String {
    let names = [
        "arn:aws:eks:eu-central-1:111122223333:cluster/main",
        "arn:aws:eks:eu-central-1:444455556666:cluster/main",
        "gke_acme-dev_europe-west1_checkout",
        "gke_acme-prod_europe-west1_checkout",
        "gke_p_europe-west1-b_main",
        "gke_p_europe-west1-c_main",
        "gke_p_europe-west1-d_main",
        "shop/api-a-example-com:6443/kube:admin",
        "shop/api-b-example-com:6443/kube:admin",
        "開発環境のクラスタ名前空間その一です",
        "本番環境のクラスタ名前空間その一です",
        "team-platform-eu-west-1-blue-cluster-a-of-many",
        "team-platform-eu-west-1-cyan-cluster-a-of-many",
    ];
    let entry = |name: &str| format!("- {{name: '{name}', context: {{cluster: c, user: u}}}}\n");
    let contexts: String = names.iter().map(|name| entry(name)).collect();
    format!(
        "contexts:\n{contexts}clusters:\n- {{name: c, cluster: {{server: 'https://c'}}}}\nusers:\n- {{name: u, user: {{token: t}}}}\n"
    )
}

#[test]
fn names_stay_different_and_whole_as_long_as_other_columns_can_go() {
    for columns in [40, 60, 80, 100] {
        let said = on_terminal(&many_clouds(), columns).run("get").0;
        let (table, _) = said.split_once("--- stderr").unwrap();
        assert!(table.lines().all(|line| line.width() <= columns), "{columns}\n{table}");
        let names: HashSet<&str> =
            table.lines().skip(1).map(|line| line.trim_start().split("   ").next().unwrap()).collect();
        assert_eq!(names.len(), 13, "{columns}\n{table}");
    }
    on_terminal(&many_clouds(), 60).run("get").shows(
        "
NAME                                                 CLUSTER
arn:aws:eks:eu-central-1:111122223333:cluster/main   c
arn:aws:eks:eu-central-1:444455556666:cluster/main   c
gke_acme-dev_europe-west1_checkout                   c
gke_acme-prod_europe-west1_checkout                  c
gke_p_europe-west1-b_main                            c
gke_p_europe-west1-c_main                            c
gke_p_europe-west1-d_main                            c
shop/api-a-example-com:6443/kube:admin               c
shop/api-b-example-com:6443/kube:admin               c
team-platform-eu-west-1-blue-cluster-a-of-many       c
team-platform-eu-west-1-cyan-cluster-a-of-many       c
本番環境のクラスタ名前空間その一です                 c
開発環境のクラスタ名前空間その一です                 c
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(&many_clouds(), 40).run("get").shows(
        "
NAME
main@111122223333
main@444455556666
acme-dev/checkout
acme-prod/checkout
europe-west1-b/main
europe-west1-c/main
europe-west1-d/main
a-example-com
b-example-com
team-platform-eu-we…ue-cluster-a-of-many
team-platform-eu-we…an-cluster-a-of-many
本番環境のクラスタ名前空間その一です
開発環境のクラスタ名前空間その一です
--- stderr
--- exit 0
no file changed
",
    );
    on_terminal(&many_clouds(), 24).run("get").shows(
        "
NAME
main@111122223333
main@444455556666
acme-dev/checkout
acme-prod/checkout
europe-west1-b/main
europe-west1-c/main
europe-west1-d/main
a-example-com
b-example-com
team…e-cluster-a-of-many
team…n-cluster-a-of-many
本番…名前空間その一です
開発…名前空間その一です
--- stderr
--- exit 0
no file changed
",
    );
}
