//! One file without copied secrets: real clients on servers of the test's own.

use crate::api_server::{ApiServer, Setup, User, base64, kubeconfig};
use crate::tools::{Home, KCX, complaint, fine, js_client, kubectl, python_client, sessions, which};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

const TOKEN: &str = "tok-5c1e0d7b94f2a836";

const PYTHON: &str = "\
import sys
sys.path.insert(0, '@CLIENT@')
from kubernetes import client, config
config.load_kube_config()
what = {'api_version': 'authentication.k8s.io/v1', 'kind': 'SelfSubjectReview'}
review = client.AuthenticationV1Api().create_self_subject_review(client.V1SelfSubjectReview(**what))
print('I am', review.status.user_info.username)
";

const JS: &str = "\
const { KubeConfig, AuthenticationV1Api } = await import('@CLIENT@/node_modules/@kubernetes/client-node/dist/index.js');
const config = new KubeConfig();
config.loadFromDefault();
const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
const review = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body });
console.log('I am', review.status.userInfo.username);
";

/// A home with a context for each server, named as the user that the server knows, and clients that say who they are.
struct World {
    home: Home,
    servers: Vec<ApiServer>,
}

impl World {
    fn new(names: &[&str]) -> World {
        let servers: Vec<ApiServer> = names
            .iter()
            .map(|name| {
                let tokens = vec![(TOKEN.to_owned(), User::new(name, &[]))];
                ApiServer::start(Setup { tokens, ..Setup::default() })
            })
            .collect();
        let clusters: Vec<String> = servers.iter().map(ApiServer::cluster).collect();
        let user = format!("{{token: {TOKEN}}}");
        let contexts: Vec<_> = names
            .iter()
            .zip(&clusters)
            .map(|(name, cluster)| (*name, cluster.as_str(), user.as_str()))
            .collect();
        World::with(&kubeconfig(&contexts), servers)
    }

    fn with(config: &str, servers: Vec<ApiServer>) -> World {
        let home = Home::new();
        fs::create_dir_all(home.path(".kube")).unwrap();
        fs::create_dir(home.path("bin")).unwrap();
        home.write(".kube/config", config);
        let world = World { home, servers };
        world.program("kcx", &format!("exec {KCX} \"$@\""));
        world.program("kubectl", &format!("exec {} \"$@\"", which(&kubectl())));
        world.program(
            "ask-kubectl",
            "kubectl auth whoami -o 'jsonpath=I am {.status.userInfo.username}{\"\\n\"}'",
        );
        let python = world.home.write("ask.py", PYTHON.replace("@CLIENT@", &python_client()));
        world.program("ask-python", &format!("exec {} {}", which("python3"), python.display()));
        let js = world.home.write("ask.mjs", JS.replace("@CLIENT@", &js_client()));
        world.program("ask-js", &format!("exec {} {}", which("node"), js.display()));
        world
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.home.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn sh(&self, script: &str) -> Output {
        let mut command = self.home.command("bash", "");
        let path = format!("{}:{}", self.home.path("bin").display(), std::env::var("PATH").unwrap());
        command.env_remove("KUBECONFIG").env("PATH", path).env("KUBECACHEDIR", self.home.path("cache"));
        command.env("SHELL", "/bin/bash").args(["-c", script]).output().unwrap()
    }

    fn config(&self) -> String {
        fs::read_to_string(self.home.path(".kube/config")).unwrap()
    }

    #[track_caller]
    fn fails(&self, script: &str, wanted: &[&str]) {
        let output = self.sh(script);
        let said = complaint(&output);
        assert!(!output.status.success(), "{script}: {said}");
        for wanted in wanted {
            assert!(said.contains(wanted), "{script} does not say `{wanted}` but: {said}");
        }
    }
}

#[test]
fn a_single_file_has_no_secret_and_clients_get_the_credential() {
    let world = World::new(&["dev", "prod"]);
    for client in ["ask-kubectl", "ask-python"] {
        let said = fine(&world.sh(&format!("kcx exec prod --single-file -- {client}")));
        assert_eq!(said, "I am prod\n", "{client}");
    }
    let file = fine(
        &world.sh("kcx exec prod -n shop --single-file -- sh -c 'cat $KUBECONFIG; stat -c %a $KUBECONFIG'"),
    );
    assert!(!file.contains(TOKEN) && file.ends_with("600\n"), "{file}");
    assert!(file.contains("namespace: shop") && !file.contains("name: dev"), "{file}");
    // This client does not say which cluster it asks for.
    let copied = "the credential of user `u-prod` is copied";
    world.fails(
        "kcx exec prod --single-file -- ask-js",
        &["does not say which cluster", "--single-file --embed"],
    );
    let output = world.sh("kcx exec prod --single-file --embed -- ask-js");
    assert_eq!(fine(&output), "I am prod\n");
    assert!(complaint(&output).contains(copied), "{}", complaint(&output));
    assert_eq!(sessions(world.home.dir.path()).len(), 0);
    world.fails("kcx exec prod --embed -- true", &["`--embed` needs `--single-file`"]);
}

#[test]
fn a_certificate_is_given_too() {
    let server = ApiServer::start(Setup { demands_certificate: true, ..Setup::default() });
    let login = server.authority.client("carol", &["ops"], 30);
    let (certificate, key) = (base64(&login.certificate), base64(&login.key));
    let user = format!("{{client-certificate-data: {certificate}, client-key-data: {key}}}");
    let config = server.kubeconfig(&user);
    let world = World::with(&config, vec![server]);
    let context = fine(&world.sh("kcx")).trim().to_owned();
    for client in ["ask-kubectl", "ask-python"] {
        assert_eq!(fine(&world.sh(&format!("kcx exec {context} --single-file -- {client}"))), "I am carol\n");
    }
    let file = fine(&world.sh(&format!("kcx exec {context} --single-file -- sh -c 'cat $KUBECONFIG'")));
    assert!(!file.contains(&key) && !file.contains(&certificate), "{file}");
}

#[test]
fn another_cluster_gets_no_credential() {
    let world = World::new(&["dev", "prod"]);
    let (dev, prod) = (world.servers[0].url(), world.servers[1].url());
    for client in ["ask-kubectl", "ask-python"] {
        let script =
            format!("kcx exec prod --single-file -- sh -c 'sed -i s,{prod},{dev}, $KUBECONFIG; {client}'");
        world.fails(&script, &["no credential was given"]);
    }
    assert!(world.servers[0].seen().iter().all(|seen| seen.header("authorization").is_none()));
    // Nor does a foreign file that names the user's own one.
    let foreign = fine(&world.sh("kcx exec prod --single-file -- sh -c 'cat $KUBECONFIG'"));
    world.home.write("foreign", foreign.replace(&prod, &dev));
    world.fails("KUBECONFIG=foreign ask-kubectl", &["no credential was given", &prod]);
}

#[test]
fn what_no_plugin_can_deliver_needs_a_copy() {
    let world = World::with(
        "clusters: [{name: c, cluster: {server: 'https://c.example'}}]\nusers:\n- {name: basic, user: {username: u, password: hunter2}}\n\
         - {name: plugin, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login}, as: root}}\n\
         contexts:\n- {name: b, context: {cluster: c, user: basic}}\n- {name: p, context: {cluster: c, user: plugin}}\n",
        Vec::new(),
    );
    world.fails(
        "kcx exec b --single-file -- true",
        &["username and password", "`--single-file --embed` copies"],
    );
    let file = fine(&world.sh("kcx exec p --single-file -- sh -c 'cat $KUBECONFIG'"));
    let login = format!("command: {}", world.home.path(".kube/login").display());
    assert!(file.contains(&login) && file.contains("as: root"), "{file}");
    let file = fine(&world.sh("kcx exec b --single-file --embed -- sh -c 'cat $KUBECONFIG'"));
    assert!(file.contains("password: hunter2"), "{file}");
}

#[test]
fn a_switch_in_such_a_session_writes_its_file_anew() {
    let world = World::new(&["dev", "prod"]);
    let script = "kcx use -q prod && ask-kubectl && ask-python && kcx ns -q shop && cat $KUBECONFIG && kcx current -o name";
    let said = fine(&world.sh(&format!("kcx exec dev --single-file -- sh -c '{script}'")));
    assert!(said.starts_with("I am prod\nI am prod\n") && said.ends_with("\nprod\n"), "{said}");
    assert!(said.contains("namespace: shop") && !said.contains(TOKEN), "{said}");
    let said = fine(
        &world.sh("echo 'kcx use -q prod; ask-kubectl; echo $KUBECONFIG' | kcx shell -q dev --single-file"),
    );
    assert!(said.starts_with("I am prod\n") && !said.contains(':'), "{said}");
    // A context that cannot be in one file is not followed by the one before.
    fine(&world.sh("kcx config set-credentials basic --username=u --password=p"));
    fine(&world.sh("kcx config set-context b --cluster=c-dev --user=basic"));
    let script =
        "kcx exec dev --single-file -- sh -c 'kcx use b; kubectl config current-context; ask-kubectl'";
    world.fails(script, &["context `b` cannot be in one file", "kcx-lost"]);
    assert_eq!(sessions(world.home.dir.path()).len(), 0);
}

#[test]
fn a_single_file_that_was_removed_is_made_again() {
    let world = World::new(&["dev", "prod"]);
    let ask = |script: &str| {
        fine(&world.sh(&format!("kcx exec prod -n shop --single-file -- sh -c '{script}; ask-kubectl'")))
    };
    assert_eq!(ask("rm $KUBECONFIG; kcx current -o name"), "prod\nI am prod\n");
    assert_eq!(ask("rm -r $KCX_SESSION; kcx current -o name"), "prod\nI am prod\n");
    // A command about another file leaves it as it is.
    world.home.write("other", "contexts: [{name: x, context: {}}]\n");
    assert_eq!(ask("kcx --kubeconfig=other get -o name"), "x\nI am prod\n");
    // Without kcx, clients fail.
    world.fails("kcx exec prod --single-file -- sh -c 'rm $KUBECONFIG; ask-kubectl'", &["refused"]);
}

#[test]
fn what_a_tool_writes_into_a_single_file_is_moved_home() {
    let world = World::new(&["dev", "prod"]);
    let script = "kubectl config set-cluster new --server=https://new.example && kubectl config set-context new --cluster=new \
                  && kubectl config use-context new";
    let output = world.sh(&format!("kcx exec dev --single-file -- sh -c '{script}'"));
    assert!(complaint(&output).contains("moved from"), "{}", complaint(&output));
    let config = world.config();
    assert!(config.contains("https://new.example") && config.contains("current-context: dev"), "{config}");
    assert!(!config.contains("kcx-credential"), "{config}");
    // In a session it is there at once, and the namespace is of this shell alone.
    let script = "kubectl config set-cluster two --server=https://two.example >/dev/null; kcx get clusters -o name; \
                  kubectl config set-context --current --namespace=shop >/dev/null; kcx current -o json; grep -c shop $KUBECONFIG";
    let said = fine(&world.sh(&format!("kcx exec dev --single-file -- sh -c '{script}'")));
    assert!(
        said.contains("two\n") && said.contains("\"namespace\": \"shop\"") && said.ends_with("1\n"),
        "{said}"
    );
    assert!(!world.config().contains("shop"));
    // A new credential for a user of a context needs permission, as in an overlay: it is kept.
    let output =
        world.sh("kcx exec dev --single-file -- kubectl config set-credentials u-dev --token=new-token");
    let kept = self::kept(&output, "they are kept in `");
    assert!(kept.contains("new-token") && !kept.contains("kcx-credential"), "{kept}");
    assert!(!world.config().contains("new-token"));
    // What is no kubeconfig any more is kept.
    let output = world.sh("kcx exec dev --single-file -- sh -c 'echo { >$KUBECONFIG'");
    assert_eq!(self::kept(&output, "it is kept in `"), "{\n");
}

#[test]
fn the_setting_gives_each_shell_with_the_hook_one_file() {
    let world = World::new(&["dev", "prod"]);
    fs::create_dir_all(world.home.path(".config/kcx")).unwrap();
    let settings = world.home.write(".config/kcx/config.yaml", "session: single-file\n");
    let hook = "eval \"$(kcx init bash --no-completions)\"";
    // Until the first switch it follows the kubeconfig.
    let script = format!(
        "{hook}; ask-kubectl; kcx use -q --global prod; __kcx_sync 2>/dev/null || kcx __sync bash >/dev/null; ask-python; \
         kcx use -q dev; ask-kubectl; kcx use -q --global dev; kcx use -q prod; ask-python; echo \"$KUBECONFIG\""
    );
    let said = fine(&world.sh(&script));
    assert!(said.starts_with("I am dev\nI am prod\nI am dev\nI am prod\n/"), "{said}");
    assert!(!said.contains(':') && said.ends_with("kubeconfig.yaml\n"), "{said}");
    // A shell in such a session has one file without the setting.
    fs::remove_file(settings).unwrap();
    let below = format!("bash -c '{}; ask-kubectl; echo $KUBECONFIG'", hook.replace('\'', "'\\''"));
    let said = fine(&world.sh(&format!("cat <<'END' | kcx shell -q prod --single-file\n{below}\nEND\n")));
    assert!(said.starts_with("I am prod\n/") && !said.contains(':'), "{said}");
}

/// The content of the file that a message names.
#[track_caller]
fn kept(output: &Output, before: &str) -> String {
    let said = complaint(output);
    let file = said.split(before).nth(1).and_then(|rest| rest.split('`').next());
    fs::read_to_string(file.unwrap_or_else(|| panic!("{said}"))).unwrap()
}
