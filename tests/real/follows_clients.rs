//! The clients of the table in docs/sessions.md: small programs that tell whom the server takes them for, and their namespace.

use crate::tools::{js_client, kubectl, python_asyncio_client, python_client, which};
use std::fs;
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
who=$(\"@CLIENT@\" auth whoami -o 'jsonpath={.status.userInfo.username}') || exit
echo \"the server says: $who $(\"@CLIENT@\" config view --minify -o 'jsonpath={..namespace}')\"
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
    "#!/bin/sh\nKCX_TEST_FOLLOWS=1 exec '@CLIENT@' --exact follows_clients::child_kube_rs --nocapture\n";

const GO: &str = "#!/bin/sh\nexec '@CLIENT@' 'the server says: '\n";

const JAVA: &str = "#!/bin/sh\nexec java -cp '@CLIENT@:@CLIENT@/jars/*' Ask\n";

const HELM: &str = "#!/bin/sh\n'@CLIENT@' list && echo 'the server says: '\n";

/// A client.
pub(crate) struct Client {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// The file name of its program.
    pub(crate) program: &'static str,
    /// True if the server's record tells where it is, and not what it prints.
    pub(crate) is_seen: bool,
    /// Its version, if it is installed in the long form of `tests/run` alone.
    pub(crate) long: Option<fn() -> String>,
    script: &'static str,
    path: fn() -> String,
}

impl Client {
    const fn new(
        name: &'static str,
        program: &'static str,
        script: &'static str,
        path: fn() -> String,
    ) -> Client {
        Client { name, program, is_seen: false, long: None, script, path }
    }

    /// The text of its program.
    pub(crate) fn text(&self) -> String {
        let text = self.script.replace("@CLIENT@", &(self.path)());
        text.replace("@PYTHON@", &which("python3")).replace("@NODE@", &which("node"))
    }
}

/// All of them, in the order of the table.
pub(crate) const CLIENTS: [Client; 8] = [
    Client::new("kubectl", "ask-kubectl", KUBECTL, || which(&kubectl())),
    Client {
        long: Some(|| go_version(&long("GO_CLIENT"), "k8s.io/client-go")),
        ..Client::new("client-go", "ask-go", GO, || long("GO_CLIENT"))
    },
    Client {
        is_seen: true,
        long: Some(|| go_version(&long("HELM"), "helm.sh/helm/v4")),
        ..Client::new("helm", "ask-helm", HELM, || long("HELM"))
    },
    Client::new("kube-rs", "ask-kube-rs", KUBE_RS, || std::env::current_exe().unwrap().display().to_string()),
    Client::new("Python `kubernetes`", "ask-python", PYTHON, python_client),
    Client::new("Python `kubernetes_asyncio`", "ask-asyncio", ASYNCIO, python_asyncio_client),
    Client::new("JavaScript `@kubernetes/client-node`", "ask-js", JS, js_client),
    Client {
        long: Some(java_version),
        ..Client::new("Java `io.kubernetes:client-java`", "ask-java", JAVA, || long("JAVA_CLIENT"))
    },
];

/// The path of a client that `tests/run --long` installs.
fn long(name: &str) -> String {
    let variable = format!("KCX_TEST_{name}");
    std::env::var(&variable).unwrap_or_else(|_| panic!("{variable}: `tests/run --long` installs it"))
}

/// The version of a module in a program that Go has built.
fn go_version(program: &str, module: &str) -> String {
    let output = Command::new("go").args(["version", "-m", program]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = words.into_iter().find(|words| words.len() > 2 && words[1] == module);
    found.unwrap_or_else(|| panic!("{program} has no {module}: {text}"))[2].trim_start_matches('v').to_owned()
}

fn java_version() -> String {
    let jars = fs::read_dir(format!("{}/jars", long("JAVA_CLIENT"))).unwrap();
    let versions = jars.filter_map(|jar| {
        let name = jar.unwrap().file_name().into_string().unwrap();
        let version = name.strip_prefix("client-java-")?.strip_suffix(".jar")?;
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
    });
    versions.last().unwrap()
}

/// What a client has printed, if it has ended well; `None` after an error.
pub(crate) fn answer(success: bool, said: &str) -> Option<String> {
    let answer = said.lines().find_map(|line| Some(line.split_once(ANSWER)?.1.trim().to_owned()));
    assert!(!success || answer.is_some(), "{said}");
    answer.filter(|_| success)
}
