//! Amazon EKS: the real `aws`, and moto in the place of Amazon.

use super::home;
use crate::tools::{Home, KCX, complaint, fine, kubectl};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The role of the clusters.
const ROLE: &str = "arn:aws:iam::123456789012:role/eks";

/// A program that `tests/run` installs.
fn installed(variable: &str) -> PathBuf {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable}: `tests/run` installs it")).into()
}

/// The folder of the Python packages of a program in their `bin`.
fn packages(program: &Path) -> &Path {
    program.ancestors().nth(2).unwrap()
}

/// A server of moto on loopback, with no cluster. It ends when it is dropped.
pub(crate) struct Moto {
    server: Child,
    url: String,
}

impl Moto {
    pub(crate) fn start() -> Moto {
        let program = installed("KCX_TEST_MOTO");
        let mut server = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONPATH", packages(&program))
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.split_once("Running on ").map(|(_, url)| url.trim().to_owned()));
        let url = url.expect("moto says where it runs");
        // It writes of each request.
        std::thread::spawn(move || lines.for_each(drop));
        Moto { server, url }
    }

    /// The command, and all that it starts, find `aws`, and this server in the place of Amazon.
    pub(crate) fn lead<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let program = installed("KCX_TEST_AWS");
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
            .env("PYTHONPATH", packages(&program))
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// Runs `aws`.
    pub(crate) fn aws(&self, home: &Home, words: &[&str]) -> String {
        let mut command = home.command(&installed("KCX_TEST_AWS").to_string_lossy(), "");
        fine(&self.lead(command.args(words)).output().unwrap())
    }

    /// Runs kcx with these words.
    pub(crate) fn kcx(&self, home: &Home, words: &[&str]) -> Output {
        let mut command = home.command(KCX, home.path(".kube/config"));
        self.lead(command.env_remove("KUBECONFIG").args(words)).output().unwrap()
    }

    /// Creates a cluster.
    pub(crate) fn create(&self, home: &Home, region: &str, name: &str) {
        let place = ["eks", "create-cluster", "--region", region, "--name", name];
        self.aws(
            home,
            &[&place[..], &["--role-arn", ROLE, "--resources-vpc-config", "subnetIds=subnet-1"]].concat(),
        );
    }

    /// Deletes a cluster.
    pub(crate) fn delete(&self, home: &Home, region: &str, name: &str) {
        self.aws(home, &["eks", "delete-cluster", "--region", region, "--name", name]);
    }

    /// The server of a cluster, as Amazon knows it.
    pub(crate) fn endpoint(&self, home: &Home, region: &str, name: &str) -> String {
        let words = ["eks", "describe-cluster", "--region", region, "--name", name];
        let query = ["--query", "cluster.endpoint", "--output", "text"];
        self.aws(home, &[&words[..], &query].concat()).trim().to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What the real kubectl reads in the file of a source.
fn seen(home: &Home, source: &str) -> Value {
    let file = home.path(&format!(".kube/config.d/{source}.yaml"));
    let view = ["config", "view", "--raw", "-o", "json"];
    serde_json::from_str(&fine(&home.command(&kubectl(), file).args(view).output().unwrap())).unwrap()
}

/// The names of a list in it, and what the entries have at this place.
fn entries(seen: &Value, list: &str, place: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let of = |it: &Value| (text(&it["name"]), text(it.pointer(place).unwrap_or(&Value::Null)));
    seen[list].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn clusters_of_eks_come_go_and_are_tagged() {
    let moto = Moto::start();
    let home = home(
        "- name: eks\n  aws: {regions: [eu-west-1, us-east-1], labels: tags}\n  allow-exec: [aws]\n\
         - {name: eu, aws: {regions: eu-west-1, role-arn: 'arn:aws:iam::1:role/x'}, names: 'eu-{name}', allow-exec: [aws]}\n",
    );
    assert_eq!(fine(&moto.kcx(&home, &["source", "test", "eks"])), "");
    for (region, name) in [("eu-west-1", "shop"), ("eu-west-1", "web"), ("us-east-1", "shop")] {
        moto.create(&home, region, name);
    }
    fine(&moto.kcx(&home, &["sync"]));
    let server = |region: &str, name: &str| moto.endpoint(&home, region, name);
    let read = seen(&home, "eks");
    let servers: Vec<_> =
        entries(&read, "clusters", "/cluster/server").into_iter().map(|(_, it)| it).collect();
    let mut wanted =
        vec![server("eu-west-1", "shop"), server("eu-west-1", "web"), server("us-east-1", "shop")];
    wanted.sort();
    assert_eq!(
        {
            let mut servers = servers;
            servers.sort();
            servers
        },
        wanted
    );
    assert_eq!(entries(&read, "contexts", "").len(), 3);
    let exec = &read["users"][0]["user"]["exec"];
    assert_eq!(exec["command"], "aws");
    let words = entries(&seen(&home, "eu"), "users", "/user/exec/args");
    assert!(words.iter().all(|(_, words)| words.contains("arn:aws:iam::1:role/x")), "{words:?}");

    let before = std::fs::read(home.path(".kube/config.d/eks.yaml")).unwrap();
    fine(&moto.kcx(&home, &["sync"]));
    assert_eq!(std::fs::read(home.path(".kube/config.d/eks.yaml")).unwrap(), before);

    moto.delete(&home, "eu-west-1", "web");
    let arn = "arn:aws:eks:us-east-1:123456789012:cluster/shop";
    moto.aws(
        &home,
        &[
            "eks",
            "tag-resource",
            "--region",
            "us-east-1",
            "--resource-arn",
            arn,
            "--tags",
            r#"{"team":"a \"b\""}"#,
        ],
    );
    fine(&moto.kcx(&home, &["sync", "eks", "--prune", "-y"]));
    let read = seen(&home, "eks");
    assert_eq!(entries(&read, "contexts", "").len(), 2);
    let labels = "/context/extensions/0/extension/labels";
    let labelled = entries(&read, "contexts", labels);
    assert!(labelled.iter().any(|(_, it)| it.contains(r#""team":"a \"b\"""#)), "{labelled:?}");

    // A region that fails makes no shorter list.
    let url = moto.url.clone();
    drop(moto);
    let gone = Moto { server: Command::new("true").spawn().unwrap(), url };
    let before = std::fs::read(home.path(".kube/config.d/eks.yaml")).unwrap();
    let output = gone.kcx(&home, &["sync", "eks", "--prune", "-y"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("Could not connect to the endpoint URL"), "{}", complaint(&output));
    assert_eq!(std::fs::read(home.path(".kube/config.d/eks.yaml")).unwrap(), before);
}
