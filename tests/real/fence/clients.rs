//! Real clients within the fence: kubectl with every command that reads, and the Python client.

use super::{TOKEN, World, marks, shows_no_mark};
use crate::api_server::{Behaviour, Setup};
use crate::behind_proxy::{BehindProxy, RawClient};
use crate::tools::{complaint, fine, kubectl, python_client};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

impl World {
    /// `kcx exec test FLAGS -- kubectl WORDS`.
    fn kubectl(&self, flags: &[&str], words: &[&str]) -> Output {
        let kubectl = kubectl();
        let words = [&["exec", "test", "-n", "shop"], flags, &["--", kubectl.as_str()], words].concat();
        self.home.kcx(&self.file, &words)
    }
}

const BOTH: [&str; 3] = ["--no-secrets", "--namespaces", "shop,web"];

#[test]
fn kubectl_reads_what_is_within_the_fence() {
    let world = World::new();
    for (words, wanted) in [
        (&["get", "pods"][..], "one"),
        (&["get", "pods", "-o", "yaml"], "namespace: shop"),
        (&["get", "pods", "-A"], "web"),
        (&["get", "pods", "-A", "-o", "wide", "--sort-by=.metadata.name"], "web"),
        (&["get", "pods", "-A", "--chunk-size", "1", "-o", "name"], "pod/one\npod/two\npod/one\npod/two\n"),
        (&["get", "pod", "one", "-n", "web", "-o", "json"], "\"namespace\": \"web\""),
        (&["get", "all", "-A"], "deployment.apps/two"),
        (&["get", "ns", "-o", "name"], "namespace/shop\nnamespace/web\n"),
        (&["get", "ns"], "shop"),
        (&["get", "ns", "web"], "web"),
        (&["describe", "pod", "one"], "Name:"),
        (&["describe", "ns", "shop"], "Name:"),
        (&["logs", "one", "-f"], "first line\nsecond line"),
        (&["explain", "pods"], "collection of containers"),
        (&["api-resources"], "crontabs"),
        (&["api-versions"], "stable.example.com/v1"),
        (&["version"], "Server Version: v1.33.4"),
        (&["auth", "whoami"], "jane"),
        (&["auth", "can-i", "get", "pods"], "yes"),
        (&["get", "crontabs", "-A", "-o", "yaml"], "namespace: web"),
        (&["get", "things", "-A", "-o", "name"], "thing.mixed.example.com/one"),
        (&["get", "events"], "one"),
        (&["get", "--raw", "/readyz"], "ok"),
        (&["get", "--raw", "/api/v1/namespaces/shop/pods"], "PodList"),
        (&["create", "configmap", "new", "--dry-run=server"], "created (server dry run)"),
        (&["label", "pod", "one", "a=b", "--dry-run=server"], "labeled (server dry run)"),
        (&["wait", "pod/one", "--for=jsonpath={.status.phase}=Running"], "condition met"),
    ] {
        let output = world.kubectl(&BOTH, words);
        let said = fine(&output);
        assert!(said.contains(wanted), "kubectl {words:?}: {said}");
        shows_no_mark(said.as_bytes(), &BOTH, &format!("kubectl {words:?}"));
    }
    // As they happen; the columns come although the first events are left out.
    let script = format!("timeout 20 {} get pods -A --watch | head -n 3", kubectl());
    let words = [&["exec", "test"], &BOTH[..], &["--", "sh", "-c", &script]].concat();
    let said = fine(&world.home.kcx(&world.file, &words));
    assert!(
        said.starts_with("NAMESPACE") && said.contains("NAME") && said.matches("shop").count() == 2,
        "{said}"
    );
    let script = format!("timeout 20 {} get ns --watch -o name | head -n 2", kubectl());
    let words = [&["exec", "test"], &BOTH[..], &["--", "sh", "-c", &script]].concat();
    assert_eq!(fine(&world.home.kcx(&world.file, &words)), "namespace/shop\nnamespace/web\n");
    assert_eq!(world.written(), Vec::<String>::new());
    // kubectl speaks HTTP/2 to the proxy, and the proxy to the server.
    assert!(
        world.server.lines().iter().all(|line| line.ends_with(" HTTP/2.0")),
        "{:?}",
        world.server.lines()
    );
}

#[test]
fn kubectl_gets_nothing_from_beyond() {
    let world = World::new();
    world.home.write("pod.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n");
    for (words, why) in [
        (&["get", "secrets"][..], "refused by kcx --no-secrets: `secrets` are hidden"),
        (&["get", "all,secrets", "-A"], "refused by kcx --no-secrets"),
        (&["get", "secrets", "-A", "-o", "yaml"], "refused by kcx --no-secrets"),
        (&["get", "secret", "one", "-o", "jsonpath={.data}"], "refused by kcx --no-secrets"),
        (&["get", "secrets", "--watch"], "refused by kcx --no-secrets"),
        (&["get", "secrets", "--chunk-size=1"], "refused by kcx --no-secrets"),
        (&["describe", "secret", "one"], "refused by kcx --no-secrets"),
        (&["get", "--raw", "/api/v1/namespaces/shop/secrets"], "refused by kcx --no-secrets"),
        (&["get", "tokens.management.cattle.io"], "refused by kcx --no-secrets"),
        (&["create", "token", "default"], "kcx exec --read-only passes only reads"),
        (&["label", "secret", "one", "a=b", "--dry-run=server"], "refused by kcx --no-secrets"),
        (
            &["get", "pods", "-n", "other"],
            "refused by kcx --namespaces: namespace `other` is not one of shop,web",
        ),
        (&["logs", "zq-foreign-mark-one", "-n", "other"], "refused by kcx --namespaces"),
        (&["get", "ns", "other"], "refused by kcx --namespaces"),
        (&["get", "nodes"], "refused by kcx --namespaces: `nodes` are objects of the cluster"),
        (&["get", "crd"], "refused by kcx --namespaces"),
        (&["get", "widget", "zq-cluster-mark-one"], "refused by kcx --namespaces"),
        (&["get", "--raw", "/metrics"], "refused by kcx --namespaces"),
        (&["create", "ns", "new", "--dry-run=server"], "refused by kcx --namespaces"),
        (&["create", "-f", "pod.yaml", "--validate=false"], "kcx exec --read-only passes only reads"),
        (&["delete", "pod", "one", "--wait=false"], "kcx exec --read-only passes only reads"),
        (&["exec", "one", "--", "true"], "kcx exec --read-only passes only reads"),
        (&["port-forward", "one", ":80"], "kcx exec --read-only passes only reads"),
    ] {
        let output = world.kubectl(&BOTH, words);
        let said = complaint(&output);
        assert!(!output.status.success() && said.contains(why), "kubectl {words:?} said {said}");
        assert!(said.contains("warning: refused for context `test`"), "{said}");
        for bytes in [&output.stdout, &output.stderr] {
            let shown = String::from_utf8_lossy(bytes)
                .replace("zq-foreign-mark-one", "")
                .replace("zq-cluster-mark-one", "");
            shows_no_mark(shown.as_bytes(), &BOTH, &format!("kubectl {words:?}"));
        }
    }
    // What may be read is shown beside it.
    let output = world.kubectl(&BOTH, &["get", "all,secrets", "-A"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("pod/one"), "{}", complaint(&output));
    // Of what has no namespace, nothing is left.
    let said = complaint(&world.kubectl(&BOTH, &["get", "widgets"]));
    assert_eq!(said, "No resources found\n");
    assert_eq!(world.written(), Vec::<String>::new());
}

#[test]
fn verbs_and_kinds_can_be_named() {
    let world = World::new();
    for (flags, words, why) in [
        (
            &["--verbs", "get,list"][..],
            &["get", "pods", "--watch"][..],
            "refused by kcx --verbs: `watch` is not one of get,list",
        ),
        (&["--verbs", "get,list"], &["logs", "one"], "refused by kcx --verbs: `logs` is not one of get,list"),
        (
            &["--verbs", "get,list"],
            &["create", "configmap", "x", "--dry-run=server"],
            "refused by kcx --verbs",
        ),
        (&["--verbs", "logs"], &["get", "pods"], "refused by kcx --verbs: `list` is not one of logs"),
        (&["--hide", "configmaps"], &["get", "cm"], "refused by kcx --hide: `configmaps` are hidden"),
        (
            &["--hide", "cm,crontabs.stable.example.com"],
            &["get", "crontabs"],
            "`crontabs.stable.example.com` are hidden",
        ),
    ] {
        let output = world.kubectl(flags, words);
        let said = complaint(&output);
        assert!(!output.status.success() && said.contains(why), "{flags:?} kubectl {words:?} said {said}");
    }
    for (flags, words) in [
        (&["--verbs", "get,list"][..], &["get", "pods"][..]),
        (&["--verbs", "get,logs"], &["logs", "one"]),
        (&["--verbs", "get,list"], &["describe", "pod", "one"]),
        (&["--hide", "configmaps"], &["get", "secrets"]),
    ] {
        fine(&world.kubectl(flags, words));
    }
    let said = fine(&world.kubectl(&["--hide", "configmaps"], &["get", "things", "-A", "-o", "yaml"]));
    assert!(!said.contains("kind: ConfigMap") && said.contains("kind: Secret"), "{said}");
}

/// The other flag is easily taken for this one.
#[test]
fn the_namespace_of_a_run_is_no_limit_and_kcx_says_so() {
    let world = World::new();
    let warning = "warning: `--namespace` is where it starts, and no limit; `--namespaces shop` is one\n";
    for (flags, is_said) in [
        (&["--read-only", "-n", "shop"][..], true),
        (&["--no-secrets", "--namespace", "shop"], true),
        (&["--namespaces", "shop", "-n", "shop"], false),
        (&["--locked", "-n", "shop"], false),
        (&["--read-only"], false),
    ] {
        for command in ["exec", "shell"] {
            let words = [&[command, "test"][..], flags, &["--", "true"]].concat();
            let output = world.home.kcx(&world.file, &words);
            assert_eq!(complaint(&output), if is_said { warning } else { "" }, "{words:?}");
        }
    }
}

/// A run starts in a namespace that it may read.
#[test]
fn a_run_is_in_one_of_its_namespaces() {
    let world = World::new();
    let run = |words: &[&str]| world.home.kcx(&world.file, &[&["exec", "test"], words].concat());
    let current = "$0 config view --minify -o jsonpath={..namespace}";
    let words = ["--namespaces", "web,shop", "--", "sh", "-c", current, &kubectl()];
    assert_eq!(fine(&run(&words)), "web");
    let words = ["--namespaces", "web,shop", "-n", "shop", "--", "sh", "-c", current, &kubectl()];
    assert_eq!(fine(&run(&words)), "shop");
    let output = run(&["--namespaces", "web,shop", "-n", "other", "--", "true"]);
    let said = complaint(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("namespace `other` is not one of `--namespaces web,shop`; nothing was run"),
        "{said}"
    );
}

/// A name with a slip in it would hide nothing.
#[test]
fn a_kind_that_the_cluster_does_not_have_stops_the_run() {
    let world = World::new();
    for (hide, said) in [
        (
            "confgmaps",
            "error: cannot query the cluster of context `test`: the cluster has no kind `confgmaps`, so `--hide` hides nothing\nhint: did you mean `--hide configmaps`?\n",
        ),
        ("cm,pods.example.com", "the cluster has no kind `pods.example.com`"),
    ] {
        let output = world.home.kcx(&world.file, &["exec", "test", "--hide", hide, "--", "echo", "ran"]);
        let complaint = complaint(&output);
        assert_eq!(
            (output.status.code(), output.stdout.as_slice()),
            (Some(1), b"".as_slice()),
            "{complaint}"
        );
        assert!(complaint.contains(said), "{complaint}");
    }
    let behaviour = vec![("/api".to_owned(), Behaviour::Unavailable { times: 99 })];
    let forbidden = World::with(Setup { behaviour, ..Setup::default() });
    let output = forbidden.home.kcx(&forbidden.file, &["exec", "test", "--hide", "cm", "--", "echo", "ran"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{output:?}");
}

#[test]
fn each_request_has_a_line_in_the_audit_file() {
    let world = World::new();
    let audit = world.home.path("audit.jsonl");
    let flags = ["--no-secrets", "--audit", "audit.jsonl"];
    fine(&world.kubectl(&flags, &["get", "pods", "-l", "app=private-selector"]));
    let lines = || -> Vec<Value> {
        let text = fs::read_to_string(&audit).unwrap();
        assert!(!text.contains(TOKEN) && !text.contains("private-selector"), "{text}");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let first = lines();
    assert_eq!(fs::metadata(&audit).unwrap().permissions().mode() & 0o777, 0o600);
    let last = first.last().unwrap();
    let of = |line: &Value| {
        ["context", "verb", "method", "path", "verdict"]
            .map(|key| line[key].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(of(last), ["test", "list", "GET", "/api/v1/namespaces/shop/pods", "passed"]);
    assert_eq!(last["status"], 200);
    world.kubectl(&flags, &["get", "secrets"]);
    let all = lines();
    let last = all.last().unwrap();
    assert!(all.len() > first.len() && all[..first.len()] == first, "{all:?}");
    assert_eq!(of(last), ["test", "list", "GET", "/api/v1/namespaces/shop/secrets", "refused"]);
    assert_eq!((last["status"].as_u64(), last["reason"].as_str()), (Some(403), Some("`secrets` are hidden")));
    // Several runs at once write whole lines.
    let text = kubeconfig_of_three(&world);
    let file = world.home.write("three", text);
    let kubectl = kubectl();
    let words = [
        "exec",
        "*",
        "--parallel",
        "3",
        "--audit",
        "audit.jsonl",
        "--",
        &kubectl,
        "get",
        "pods,services,nodes",
    ];
    fine(&world.home.kcx(&file, &words));
    let contexts = |name: &str| lines().iter().filter(|line| line["context"] == name).count();
    assert!(["a", "b", "c"].iter().all(|name| contexts(name) >= 3), "{:?}", lines());
    // What cannot be opened stops the run, and so does what is no audit.
    fs::create_dir(world.home.path("folder")).unwrap();
    world.home.write("notes.txt", "remember the milk\n");
    std::os::unix::fs::symlink("config", world.home.path("link")).unwrap();
    let others = ["notes.txt", "config", "three", "link"];
    let before = others.map(|file| fs::read(world.home.path(file)).unwrap());
    for file in ["folder", "missing/audit", "/dev/null"].into_iter().chain(others) {
        let output = world.home.kcx(&world.file, &["exec", "test", "--audit", file, "--", "echo", "ran"]);
        let said = complaint(&output);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{said}");
        assert!(said.contains("the audit file") && said.contains("nothing was run"), "{said}");
    }
    assert_eq!(others.map(|file| fs::read(world.home.path(file)).unwrap()), before);
}

fn kubeconfig_of_three(world: &World) -> String {
    let cluster = world.server.cluster();
    let user = "{token: secret-token}";
    crate::api_server::kubeconfig(&["a", "b", "c"].map(|name| (name, cluster.as_str(), user)))
}

#[test]
fn a_shell_has_the_same_fence() {
    let world = World::new();
    let kubectl = kubectl();
    let words = [&["shell", "test"], &BOTH[..], &["--", &kubectl, "get", "pods,secrets", "-A", "-o", "name"]]
        .concat();
    let output = world.home.kcx(&world.file, &words);
    let said = complaint(&output);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "pod/one\npod/two\npod/one\npod/two\n", "{said}");
    assert!(
        said.contains("warning: refused for context `test`: GET /api/v1/secrets: `secrets` are hidden"),
        "{said}"
    );
}

/// A page may be empty, and the next one is asked for by a text that tells nothing.
#[test]
fn lists_go_on_page_by_page() {
    let world = World::new();
    let proxy = BehindProxy::start(&world.home, &world.file, &BOTH);
    let (mut next, mut names, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let page = proxy.client().request(&format!("GET /api/v1/pods?limit=1&continue={next}"), "", "");
        assert_eq!(page.status, 200, "{}", page.text());
        shows_no_mark(&page.body, &BOTH, "a page");
        let page = page.json();
        pages += 1;
        let items = page["items"].as_array().unwrap().iter();
        names.extend(items.map(|it| format!("{}/{}", it["metadata"]["namespace"], it["metadata"]["name"])));
        assert!(page["metadata"]["remainingItemCount"].is_null());
        next = page["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
        if next.is_empty() {
            break;
        }
    }
    assert_eq!((pages, names.len()), (6, 4), "{names:?}");
    // A place that the proxy has not given.
    let direct = RawClient::direct(&world.server, TOKEN);
    let own = direct.request("GET /api/v1/pods?limit=1", "", "").json()["metadata"]["continue"].clone();
    for place in
        [own.as_str().unwrap().trim_end_matches('='), "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        let answer = proxy.client().request(&format!("GET /api/v1/pods?limit=1&continue={place}"), "", "");
        assert_eq!(answer.status, 403, "{place}");
    }
    // Within one namespace it is the server's own.
    let page = proxy.client().request("GET /api/v1/namespaces/shop/pods?limit=1", "", "").json();
    let direct = direct.request("GET /api/v1/namespaces/shop/pods?limit=1", "", "").json();
    assert_eq!(page, direct);
    proxy.end();
}

#[test]
fn the_python_client_reads_within_the_fence() {
    let world = World::new();
    let script = r#"
from kubernetes import client, config, watch
config.load_kube_config()
core, crds = client.CoreV1Api(), client.CustomObjectsApi()
print(sorted((p.metadata.namespace, p.metadata.name) for p in core.list_pod_for_all_namespaces().items))
print(core.read_namespaced_pod_log("one", "shop"), end="")
print(sorted(n.metadata.name for n in core.list_namespace(limit=1).items), sorted(n.metadata.name for n in core.list_namespace().items))
print(len(crds.list_cluster_custom_object("mixed.example.com", "v1", "things")["items"]))
seen = [(e["type"], e["object"].metadata.name) for e in watch.Watch().stream(core.list_pod_for_all_namespaces, timeout_seconds=1)]
print(seen)
for call in [lambda: core.list_secret_for_all_namespaces(), lambda: core.read_namespaced_secret("one", "shop"),
             lambda: core.list_namespaced_pod("other"), lambda: core.list_node(),
             lambda: core.create_namespaced_config_map("shop", {"metadata": {"name": "new"}}),
             lambda: core.delete_namespaced_pod("one", "shop")]:
    try:
        call()
        print("passed")
    except client.ApiException as error:
        print(error.status, "kcx" in error.body)
"#;
    world.home.write("read.py", script);
    let path = format!("PYTHONPATH={}", python_client());
    let words = [&["exec", "test"], &BOTH[..], &["--", "env", &path, "python3", "read.py"]].concat();
    let output = world.home.kcx(&world.file, &words);
    assert!(output.status.success(), "{}", complaint(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    let pods = "('shop', 'one'), ('shop', 'two'), ('web', 'one'), ('web', 'two')";
    let added = "('ADDED', 'one'), ('ADDED', 'two'), ('ADDED', 'one'), ('ADDED', 'two')";
    let refused = "403 True\n".repeat(6);
    assert_eq!(
        said,
        format!("[{pods}]\nfirst line\nsecond line\n[] ['shop', 'web']\n6\n[{added}]\n{refused}")
    );
    shows_no_mark(said.as_bytes(), &BOTH, "the Python client");
    assert!(!marks(&BOTH).is_empty());
    assert_eq!(world.written(), Vec::<String>::new());
}

/// helm looks objects up while it renders a chart, and keeps its releases in Secrets.
#[test]
#[cfg(feature = "built")]
fn helm_reads_within_the_fence() {
    let world = World::new();
    let helm = std::env::var("KCX_TEST_HELM").expect("KCX_TEST_HELM: `tests/run --long` builds it");
    fs::create_dir_all(world.home.path("chart/templates")).unwrap();
    world.home.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n");
    let render = |flags: &[&str], look: &str| {
        let template = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: new}}\ndata: {{found: {{{{ {look} | toJson | quote }}}}}}\n"
        );
        world.home.write("chart/templates/map.yaml", template);
        let rest = [
            "--",
            helm.as_str(),
            "template",
            "x",
            "chart",
            "--dry-run=server",
            "--disable-openapi-validation",
            "-n",
            "shop",
        ];
        world.home.kcx(&world.file, &[&["exec", "test"], flags, &rest].concat())
    };
    let said = fine(&render(&BOTH, "lookup \"v1\" \"Pod\" \"shop\" \"one\""));
    assert!(said.contains("10.0.0.1"), "{said}");
    let said = fine(&render(&BOTH, "lookup \"v1\" \"Pod\" \"\" \"\""));
    assert!(said.contains("web"), "{said}");
    shows_no_mark(said.as_bytes(), &BOTH, "helm");
    let output = render(&BOTH, "lookup \"v1\" \"Secret\" \"shop\" \"one\"");
    assert!(complaint(&output).contains("refused by kcx --no-secrets"), "{}", complaint(&output));
    assert!(
        fine(&render(&["--read-only"], "lookup \"v1\" \"Secret\" \"shop\" \"one\""))
            .contains("enFTZWNyZXRNYXJr")
    );
    let run = |flags: &[&str], words: &[&str]| {
        world.home.kcx(
            &world.file,
            &[&["exec", "test", "-n", "shop"], flags, &["--", helm.as_str()], words].concat(),
        )
    };
    assert!(complaint(&run(&BOTH, &["list"])).contains("refused by kcx --no-secrets"));
    fine(&run(&["--read-only"], &["list"]));
    let output = run(&["--read-only"], &["install", "x", "chart", "--disable-openapi-validation"]);
    assert!(
        !output.status.success() && complaint(&output).contains("kcx exec --read-only passes only reads")
    );
    assert_eq!(world.written(), Vec::<String>::new());
}
