//! Which programs follow a session: real clients on servers of the test's own. The table in the README is what is found.
//!
//! A client is on the context of the shell (`follows`), or ends with an error (`fails`). A client that is on any other
//! cluster or namespace fails the test.

use crate::api_server::{ApiServer, Setup, User, kubeconfig};
use crate::screen::wait_until;
use crate::tools::{
    Home, KCX, fine, js_client, kubectl, python_asyncio_client, python_client, two_days_pass, which,
};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// In this variable kube-rs, in the role below, is asked.
const ASKED: &str = "KCX_TEST_FOLLOWS";
/// What stands before an answer.
const ANSWER: &str = "the server says: ";

#[test]
fn child_kube_rs() {
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (answer, namespace) = runtime.block_on(async {
        let config =
            kube::Config::from_kubeconfig(&kube::config::KubeConfigOptions::default()).await.unwrap();
        let namespace = config.default_namespace.clone();
        let client = kube::Client::try_from(config).unwrap();
        let api = "authentication.k8s.io/v1";
        let review = serde_json::json!({"kind": "SelfSubjectReview", "apiVersion": api, "metadata": {}});
        let request = http::Request::post(format!("/apis/{api}/selfsubjectreviews"))
            .header("content-type", "application/json")
            .body(review.to_string().into_bytes());
        let answer: serde_json::Value = client.request(request.unwrap()).await.unwrap();
        (answer, namespace)
    });
    println!("{ANSWER}{} {namespace}", answer["status"]["userInfo"]["username"].as_str().unwrap());
}

const KUBECTL: &str = "\
#!/bin/sh
who=$(\"@KUBECTL@\" auth whoami -o 'jsonpath={.status.userInfo.username}') || exit
echo \"the server says: $who $(\"@KUBECTL@\" config view --minify -o 'jsonpath={..namespace}')\"
";

const PYTHON: &str = "\
#!@PYTHON@
import sys
sys.path.insert(0, '@CLIENT@')
from kubernetes import client, config
config.load_kube_config()
what = {'api_version': 'authentication.k8s.io/v1', 'kind': 'SelfSubjectReview'}
review = client.AuthenticationV1Api().create_self_subject_review(client.V1SelfSubjectReview(**what))
namespace = config.list_kube_config_contexts()[1]['context'].get('namespace', '')
print('the server says:', review.status.user_info.username, namespace)
";

const ASYNCIO: &str = "\
#!@PYTHON@
import asyncio, sys
sys.path.insert(0, '@CLIENT@')
from kubernetes_asyncio import client, config
async def main():
    await config.load_kube_config()
    what = {'api_version': 'authentication.k8s.io/v1', 'kind': 'SelfSubjectReview'}
    async with client.ApiClient() as api:
        body = client.V1SelfSubjectReview(**what)
        review = await client.AuthenticationV1Api(api).create_self_subject_review(body)
    namespace = config.list_kube_config_contexts()[1]['context'].get('namespace', '')
    print('the server says:', review.status.user_info.username, namespace)
asyncio.run(main())
";

const JS: &str = "\
#!@NODE@
const load = async () => {
  const { KubeConfig, AuthenticationV1Api } = await import('@CLIENT@/node_modules/@kubernetes/client-node/dist/index.js');
  const config = new KubeConfig();
  config.loadFromDefault();
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const review = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body });
  const namespace = config.getContextObject(config.getCurrentContext()).namespace || '';
  console.log('the server says:', review.status.userInfo.username, namespace);
};
load();
";

const KUBE_RS: &str =
    "#!/bin/sh\nKCX_TEST_FOLLOWS=1 exec '@TEST@' --exact follows::child_kube_rs --nocapture\n";

/// The rows of the table, and the file of the client.
const CLIENTS: [(&str, &str); 5] = [
    ("kubectl", "ask-kubectl"),
    ("kube-rs", "ask-kube-rs"),
    ("Python `kubernetes`", "ask-python"),
    ("Python `kubernetes_asyncio`", "ask-asyncio"),
    ("JavaScript `@kubernetes/client-node`", "ask-js"),
];

/// A home with three servers, the clients as programs, and bash with the hook.
struct World {
    home: Home,
    _servers: Vec<ApiServer>,
}

impl World {
    fn new() -> World {
        let home = Home::new();
        fs::create_dir_all(home.path(".kube")).unwrap();
        fs::create_dir(home.path("bin")).unwrap();
        let servers = ["dev", "prod", "staging"].map(|name| {
            let tokens = vec![("secret-token".to_owned(), User::new(name, &[]))];
            ApiServer::start(Setup { tokens, ..Setup::default() })
        });
        let clusters = servers.each_ref().map(ApiServer::cluster);
        let user = "{token: secret-token}";
        let contexts =
            [("dev", &*clusters[0], user), ("prod", &clusters[1], user), ("staging", &clusters[2], user)];
        let text = kubeconfig(&contexts).replace("user: u-prod}", "user: u-prod, namespace: web}");
        home.write(".kube/config", text);
        let world = World { home, _servers: servers.into() };
        world.program("kcx", &format!("#!/bin/sh\nexec {KCX} \"$@\"\n"));
        world.program("kubectl", &format!("#!/bin/sh\nexec {} \"$@\"\n", which(&kubectl())));
        let python = which("python3");
        let test = std::env::current_exe().unwrap().display().to_string();
        for (name, script, client) in [
            ("ask-kubectl", KUBECTL, String::new()),
            ("ask-kube-rs", KUBE_RS, String::new()),
            ("ask-python", PYTHON, python_client()),
            ("ask-asyncio", ASYNCIO, python_asyncio_client()),
            ("ask-js", JS, js_client()),
        ] {
            let script = script.replace("@CLIENT@", &client).replace("@PYTHON@", &python);
            let script = script.replace("@NODE@", &which("node")).replace("@TEST@", &test);
            world.program(name, &script.replace("@KUBECTL@", &which(&kubectl())));
        }
        world
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.home.write(&format!("bin/{name}"), text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// bash, with this script.
    fn bash(&self, script: &str) -> Command {
        let mut command = self.home.command("bash", "");
        let path = format!("{}:{}", self.home.path("bin").display(), std::env::var("PATH").unwrap());
        command.env_remove("KUBECONFIG").env("PATH", path).env("KUBECACHEDIR", self.home.path("cache"));
        command.args(["-c", script]);
        command
    }

    /// What a script says, whose last command is a client: the context and the namespace; `None` after an error.
    fn says(&self, script: &str) -> Option<String> {
        let output = self.bash(script).output().unwrap();
        answer(output.status.success(), &String::from_utf8_lossy(&output.stdout))
    }
}

fn answer(success: bool, said: &str) -> Option<String> {
    let answer = said.lines().find_map(|line| Some(line.split_once(ANSWER)?.1.trim().to_owned()));
    assert!(!success || answer.is_some(), "{said}");
    answer.filter(|_| success)
}

const HOOK: &str = "set -e; eval \"$(kcx init bash --no-completions)\"; kcx use -q prod -n web;";

/// The columns of the table: the title, the right answer, and what a client says there.
type Column = (&'static str, &'static str, fn(&World, &str) -> Option<String>);

const COLUMNS: [Column; 9] = [
    ("shell with the hook", "prod web", |world, ask| world.says(&format!("{HOOK} {ask}"))),
    ("and a namespace of its own", "prod shop", |world, ask| {
        world.says(&format!("{HOOK} kcx ns -q shop; {ask}"))
    }),
    ("`kcx exec`", "prod web", |world, ask| world.says(&format!("kcx exec prod -n web -- {ask}"))),
    ("`kcx exec --single-file`", "prod shop", |world, ask| {
        world.says(&format!("kcx exec prod -n shop --single-file -- {ask}"))
    }),
    ("`kcx shell`", "prod web", |world, ask| {
        world.says(&format!("SHELL=$HOME/bin/{ask} kcx shell prod -n web"))
    }),
    ("job of a shell that has ended", "prod web", job),
    ("overlay removed or emptied", "prod web", |world, ask| {
        let remove = world.says(&format!("{HOOK} rm $KCX_SESSION/kcx-overlay.yaml; {ask}"));
        let empty = world.says(&format!("{HOOK} : >$KCX_SESSION/kcx-overlay.yaml; {ask}"));
        assert_eq!(remove, empty, "{ask}");
        remove
    }),
    ("session removed", "prod web", |world, ask| world.says(&format!("{HOOK} rm -r $KCX_SESSION; {ask}"))),
    ("the same, after a prompt", "prod web", |world, ask| {
        world.says(&format!("{HOOK} rm -r $KCX_SESSION; kcx __sync bash >/dev/null; {ask}"))
    }),
];

/// A job that asks when its shell has ended, and later shells have looked for what nobody uses.
fn job(world: &World, ask: &str) -> Option<String> {
    let names = ["go", "said", "code"].map(|name| format!("{name}-{ask}"));
    let [go, said, code] = &names;
    let script = format!(
        "{HOOK} mkfifo {go}; nohup sh -c 'read x <{go}; {ask} >{said}; echo $? >{code}' >/dev/null 2>&1 &"
    );
    fine(&world.bash(&script).output().unwrap());
    two_days_pass(world.home.dir.path());
    fine(&world.bash(HOOK).output().unwrap());
    // It waits for its job to open the other end.
    fs::write(world.home.path(go), "\n").unwrap();
    assert!(wait_until(|| fs::read_to_string(world.home.path(code)).is_ok_and(|code| code.ends_with('\n'))));
    let read = |name: &str| fs::read_to_string(world.home.path(name)).unwrap();
    answer(read(code) == "0\n", &read(said))
}

fn table(world: &World) -> String {
    let mut wrong = String::new();
    let mut table = "| client |".to_owned();
    for (title, ..) in COLUMNS {
        write!(table, " {title} |").unwrap();
    }
    table += &format!("\n|---|{}\n", "---|".repeat(COLUMNS.len()));
    for (client, ask) in CLIENTS {
        write!(table, "| {client} |").unwrap();
        for (title, wanted, says) in COLUMNS {
            let cell = match says(world, ask) {
                None => "fails",
                Some(said) if said == wanted => "follows",
                Some(said) => {
                    writeln!(wrong, "{client}, {title}: `{said}` instead of `{wanted}`").unwrap();
                    "ELSEWHERE"
                }
            };
            write!(table, " {cell} |").unwrap();
        }
        table.push('\n');
    }
    assert!(wrong.is_empty(), "{wrong}{table}");
    table
}

const BEGIN: &str = "<!-- written by tests/real/follows.rs -->\n";
const END: &str = "<!-- end -->";

#[test]
fn a_client_is_where_the_shell_is_or_fails() {
    let table = table(&World::new());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (recorded, after) = rest.split_once(END).unwrap();
    if std::env::var_os("KCX_BLESS").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(recorded, table, "`KCX_BLESS=1` writes it");
    }
}
