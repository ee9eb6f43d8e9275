//! `kcx sync` as a platform team uses it: 300 clusters from four sources that come, go, are created again and renamed.
//!
//! After each round the real kubectl reads exactly the expected contexts, and the user's own file has its bytes.

use crate::faults::at_every_call;
use crate::sources::Moto;
use crate::tools::{Home, KCX, kcx_words, kubectl};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The user's own kubeconfig, in a style that no tool would write.
const OWN: &str = "\
# mine
apiVersion: v1
kind: Config
clusters:
  - name: home   # the Pi
    cluster: {server: 'https://home.example'}
users: [{name: me, user: {token: own-token}}]
contexts:
- {name: home, context: {cluster: home, user: me}} # keep
current-context: home
";

const FILES: [&str; 5] = [
    ".kube/config",
    ".kube/config.d/git.yaml",
    ".kube/config.d/folder.yaml",
    ".kube/config.d/program.yaml",
    ".kube/config.d/aws.yaml",
];

/// A cluster of a source: its server, and its certificate and token of this time.
#[derive(Clone, Debug, PartialEq)]
struct Cluster {
    name: String,
    server: String,
    serial: usize,
}

impl Cluster {
    fn kubeconfig(&self) -> String {
        let Cluster { name, server, serial } = self;
        format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: {name}\n  cluster:\n    server: {server}\n    \
             certificate-authority-data: {}\nusers:\n- name: {name}-admin\n  user:\n    token: token-{serial}\n\
             contexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: {name}-admin\ncurrent-context: {name}\n",
            authority(*serial)
        )
    }
}

fn authority(serial: usize) -> String {
    kcx::codec::base64::encode(format!("authority {serial}"))
}

/// What the user has made of a context.
#[derive(Clone, Debug, Default)]
struct Own {
    name: Option<String>,
    namespace: Option<String>,
}

struct Platform {
    home: Home,
    moto: Moto,
    /// The clusters in Amazon: the server and the authority of each.
    eks: BTreeMap<String, (String, String)>,
    /// The clusters of the sources git, folder and program, by the names of their files.
    sources: [BTreeMap<String, Cluster>; 3],
    own: BTreeMap<(usize, String), Own>,
    /// The name that each context was given when it was added.
    given: BTreeMap<(usize, String), String>,
    serial: usize,
}

const REGION: &str = "us-east-1";
const FOLDERS: [&str; 3] = ["repository", "clusters", "inventory"];

impl Platform {
    fn new() -> Platform {
        let home = Home::new();
        for folder in FOLDERS.iter().chain(&[".kube", ".config/kcx"]) {
            fs::create_dir_all(home.path(folder)).unwrap();
        }
        home.write(".kube/config", OWN);
        let moto = Moto::start();
        let program = "#!/bin/sh\ncd \"$HOME/inventory\" || exit 1\ncase $1 in\nlist) for file in *.yaml; do \
                       [ -e \"$file\" ] && printf '{\"id\": \"%s\", \"labels\": {\"team\": \"shop\"}}\\n' \"$file\"; done; exit 0 ;;\n\
                       get) cat \"$2\" ;;\nesac\n";
        let program = home.write("inventory.sh", program);
        fs::set_permissions(program, fs::Permissions::from_mode(0o700)).unwrap();
        let settings = format!(
            "sources:\n- name: git\n  git: {{url: 'file://{0}', path: '*.yaml'}}\n- name: folder\n  dir: ~/clusters\n\
             - name: program\n  command: [~/inventory.sh]\n- name: aws\n  aws: {{regions: [{REGION}]}}\n  \
             allow-exec: [aws]\n",
            home.path("repository").display()
        );
        home.write(".config/kcx/config.yaml", settings);
        let platform = Platform {
            home,
            moto,
            eks: BTreeMap::new(),
            sources: Default::default(),
            own: BTreeMap::new(),
            given: BTreeMap::new(),
            serial: 0,
        };
        platform.git(&["init", "--quiet", "--initial-branch=main"]);
        platform
    }

    fn git(&self, words: &[&str]) {
        let mut command = self.home.command("git", "");
        command.current_dir(self.home.path("repository")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.args(["-c", "user.name=x", "-c", "user.email=x@example", "-c", "commit.gpgsign=false"]);
        let output = command.args(words).output().unwrap();
        assert!(output.status.success(), "git {words:?}: {output:?}");
    }

    /// Creates a cluster in Amazon.
    fn create(&mut self, name: &str) {
        self.moto.create(&self.home, REGION, name);
        let words = ["eks", "describe-cluster", "--region", REGION, "--name", name, "--output", "json"];
        let told: Value = serde_json::from_str(&self.moto.aws(&self.home, &words)).unwrap();
        let text = |place: &str| told.pointer(place).unwrap().as_str().unwrap().to_owned();
        let facts = (text("/cluster/endpoint"), text("/cluster/certificateAuthority/data"));
        self.eks.insert(name.to_owned(), facts);
    }

    fn delete(&mut self, name: &str) {
        self.moto.delete(&self.home, REGION, name);
        self.eks.remove(name);
    }

    /// Puts a cluster into a source, or takes it out of it.
    fn put(&mut self, source: usize, file: &str, cluster: Option<Cluster>) {
        let path = self.home.path(FOLDERS[source]).join(file);
        match cluster {
            Some(cluster) => {
                fs::write(path, cluster.kubeconfig()).unwrap();
                self.sources[source].insert(file.to_owned(), cluster);
            }
            None => {
                fs::remove_file(path).unwrap();
                self.sources[source].remove(file);
                self.own.remove(&(source, file.to_owned()));
            }
        }
    }

    fn add(&mut self, source: usize, file: &str, name: &str) {
        self.serial += 1;
        let cluster = Cluster {
            name: name.to_owned(),
            server: format!("https://{name}-{}.example", FOLDERS[source]),
            serial: self.serial,
        };
        self.put(source, file, Some(cluster));
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "round"]);
    }

    fn command(&self) -> Command {
        let mut command = self.home.command(KCX, "");
        command.env_remove("KUBECONFIG");
        self.moto.lead(&mut command);
        command
    }

    fn kcx(&self, words: &[&str]) -> Output {
        self.command().args(words).stdin(Stdio::null()).output().unwrap()
    }

    fn fine(&self, words: &[&str]) -> String {
        let output = self.kcx(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "kcx {words:?}: {said}");
        said
    }

    /// The user's files together, as the real kubectl reads them.
    fn read(&self) -> Value {
        let files: Vec<PathBuf> = FILES.iter().map(|file| self.home.path(file)).collect();
        let mut command = self.home.command(&kubectl(), std::env::join_paths(files).unwrap());
        let output = command.args(["config", "view", "--raw", "-o", "json"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Checks that kubectl reads the expected contexts and no others.
    fn check(&mut self, round: usize) {
        assert_eq!(fs::read_to_string(self.home.path(".kube/config")).unwrap(), OWN, "round {round}");
        let all = self.read();
        let entries = |list: &str, body: &str| -> BTreeMap<String, Value> {
            let list = all[list].as_array().unwrap().iter();
            list.map(|it| (it["name"].as_str().unwrap().to_owned(), it[body].clone())).collect()
        };
        let (contexts, clusters, users) =
            (entries("contexts", "context"), entries("clusters", "cluster"), entries("users", "user"));
        let mut expected = vec!["home".to_owned()];
        let mut by_id = BTreeMap::new();
        for (name, context) in &contexts {
            for extension in context["extensions"].as_array().into_iter().flatten() {
                let from = &extension["extension"];
                let key =
                    (from["source"].as_str().unwrap().to_owned(), from["id"].as_str().unwrap().to_owned());
                by_id.insert(key, name.clone());
            }
        }
        for (source, files) in self.sources.iter().enumerate() {
            for (file, cluster) in files {
                let key = (["git", "folder", "program"][source].to_owned(), file.clone());
                let name = by_id.get(&key).unwrap_or_else(|| panic!("round {round}: no context for {key:?}"));
                expected.push(name.clone());
                let context = &contexts[name];
                let found = &clusters[context["cluster"].as_str().unwrap()];
                assert_eq!(found["server"], *cluster.server, "round {round}: {name}");
                assert_eq!(
                    found["certificate-authority-data"],
                    *authority(cluster.serial),
                    "round {round}: {name}"
                );
                let user = &users[context["user"].as_str().unwrap()];
                assert_eq!(user["token"], *format!("token-{}", cluster.serial), "round {round}: {name}");
                let own = self.own.get(&(source, file.clone())).cloned().unwrap_or_default();
                assert_eq!(context["namespace"].as_str(), own.namespace.as_deref(), "round {round}: {name}");
                // A name never changes by itself.
                let given = self.given.entry((source, file.clone())).or_insert_with(|| name.clone());
                assert_eq!(name, own.name.as_ref().unwrap_or(given), "round {round}");
            }
        }
        for (name, (server, authority)) in &self.eks {
            let key = ("aws".to_owned(), format!("us-east-1/{name}"));
            let here =
                by_id.get(&key).unwrap_or_else(|| panic!("round {round}: no context for {name} of aws"));
            expected.push(here.clone());
            let found = &clusters[contexts[here]["cluster"].as_str().unwrap()];
            assert_eq!(
                (found["server"].as_str(), found["certificate-authority-data"].as_str()),
                (Some(&**server), Some(&**authority))
            );
            assert_eq!(users[contexts[here]["user"].as_str().unwrap()]["exec"]["command"], "aws");
        }
        let found: Vec<&String> = contexts.keys().collect();
        expected.sort();
        assert_eq!(found, expected.iter().collect::<Vec<_>>(), "round {round}");
        // Nothing is left of what is gone.
        let of = |field: &str| -> std::collections::BTreeSet<&str> {
            contexts.values().filter_map(|context| context[field].as_str()).collect()
        };
        assert_eq!(
            clusters.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
            of("cluster"),
            "round {round}"
        );
        assert_eq!(
            users.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
            of("user"),
            "round {round}"
        );
        let sources = &self.sources;
        self.given.retain(|(source, file), _| sources[*source].contains_key(file));
    }

    fn bytes(&self) -> Vec<Vec<u8>> {
        FILES.iter().map(|file| fs::read(self.home.path(file)).unwrap_or_default()).collect()
    }

    /// The name that a context has now.
    fn name(&self, source: usize, file: &str) -> String {
        let own = self.own.get(&(source, file.to_owned())).and_then(|own| own.name.clone());
        own.unwrap_or_else(|| self.given[&(source, file.to_owned())].clone())
    }

    /// The changes of a round.
    fn round(&mut self, round: usize) {
        for source in 0..3 {
            let files: Vec<String> = self.sources[source].keys().cloned().collect();
            // Some are gone, some were created again, some are new.
            for file in files.iter().skip(round).step_by(41) {
                self.put(source, file, None);
            }
            let files: Vec<String> = self.sources[source].keys().cloned().collect();
            for file in files.iter().skip(round).step_by(17) {
                let name = self.sources[source][file].name.clone();
                self.add(source, file, &name);
            }
            for at in 0..3 {
                self.add(source, &format!("new-{round}-{at}.yaml"), &format!("new-{round}-{at}-{source}"));
            }
            // Two sources claim one name, and one of the user's own.
            if source < 2 {
                self.add(source, &format!("twice-{round}.yaml"), &format!("twice-{round}"));
            }
        }
        self.add(1, "home.yaml", "home");
        self.commit();
    }

    /// The user renames contexts, and sets a namespace.
    fn edit(&mut self, round: usize) {
        for source in 0..3 {
            let file = self.sources[source].keys().nth(round * 3 % 20).unwrap().clone();
            let (old, new) = (self.name(source, &file), format!("mine-{round}-{source}"));
            self.fine(&["rename", "context", &old, &new]);
            let own = self.own.entry((source, file.clone())).or_default();
            own.name = Some(new);
            let file = self.sources[source].keys().nth(round * 5 % 20).unwrap().clone();
            let path = self.home.path(FILES[source + 1]);
            let name = self.name(source, &file);
            let namespace = format!("ns-{round}");
            let set = ["config", "set-context", &name, "--namespace", &namespace, "--kubeconfig"];
            let output = self.home.command(&kubectl(), "").args(set).arg(path).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            self.own.entry((source, file)).or_default().namespace = Some(namespace);
        }
    }
}

#[test]
fn three_hundred_clusters_of_four_sources_stay_in_step_for_ten_rounds() {
    let mut platform = Platform::new();
    for (source, count) in [120, 120, 55].into_iter().enumerate() {
        for at in 0..count {
            platform.add(source, &format!("c{at:03}.yaml"), &format!("{}-{at:03}", FOLDERS[source]));
        }
    }
    platform.commit();
    for name in ["one", "two", "three", "four", "five"] {
        platform.create(name);
    }
    platform.fine(&["sync"]);
    platform.check(0);
    for round in 1..=10 {
        platform.edit(round);
        platform.round(round);
        match round {
            3 => platform.delete("two"),
            4 => platform.create("six"),
            6 => {
                platform.delete("one");
                platform.create("one");
            }
            _ => {}
        }
        if round == 5 {
            // Eight at the same time are as one.
            let start = |_| {
                platform
                    .command()
                    .args(["sync", "--prune", "--lock-timeout", "120s"])
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            };
            let started: Vec<_> = (0..8).map(start).collect();
            for child in started {
                let output = child.wait_with_output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
        } else {
            platform.fine(&["sync", "--prune"]);
        }
        platform.check(round);
        let before = platform.bytes();
        let said = platform.fine(&["sync"]);
        assert_eq!(said.matches("nothing to do").count(), 4, "round {round}: {said}");
        assert_eq!(platform.bytes(), before, "round {round}");
    }
}

/// The sources whose calls can be counted: a folder and a program. Killed at any call, each file is the old or the new one,
/// and the next sync ends as if nothing had happened.
#[test]
fn a_sync_killed_at_any_call() {
    let home = Home::new();
    for folder in [".kube/config.d", ".config/kcx", "one", "two"] {
        fs::create_dir_all(home.path(folder)).unwrap();
    }
    home.write(".kube/config", OWN);
    home.write(".config/kcx/config.yaml", "sources:\n- {name: one, dir: ~/one}\n- {name: two, dir: ~/two}\n");
    let put = |folder: &str, serial: usize| {
        let cluster =
            Cluster { name: format!("c-{folder}"), server: format!("https://{serial}.example"), serial };
        home.write(&format!("{folder}/c.yaml"), cluster.kubeconfig());
    };
    let files = ["one", "two"].map(|name| home.path(&format!(".kube/config.d/{name}.yaml")));
    let sync = || {
        let output = home.command(KCX, "").env_remove("KUBECONFIG").arg("sync").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        files.clone().map(|file| fs::read_to_string(file).unwrap())
    };
    put("one", 1);
    put("two", 1);
    let old = sync();
    put("one", 2);
    put("two", 2);
    let new = sync();
    put("one", 1);
    put("two", 1);
    assert_eq!(sync(), old);
    put("one", 2);
    put("two", 2);
    let words = kcx_words(&home, "", &["sync"]);
    at_every_call(
        &["openat", "flock", "write", "fsync", "link", "rename", "unlink"],
        &["signal=KILL", "error=ENOSPC"],
        &[],
        || words.clone(),
        |fault, status| {
            let found = files.clone().map(|file| fs::read_to_string(file).unwrap());
            for at in 0..2 {
                assert!(found[at] == old[at] || found[at] == new[at], "{fault}: torn:\n{}", found[at]);
            }
            assert!(!status.success() || found == new, "{fault}: success without the new content");
            assert_eq!(fs::read_to_string(home.path(".kube/config")).unwrap(), OWN, "{fault}");
            assert_eq!(sync(), new, "{fault}");
            put("one", 1);
            put("two", 1);
            assert_eq!(sync(), old, "{fault}");
            put("one", 2);
            put("two", 2);
        },
    );
}
