//! Laws of `kcx sync`, over random rounds: clusters come, go, are created again and renamed, in two sources that share names,
//! while the user renames contexts and sets namespaces and fields.

use crate::common::{Sandbox, THREE};
use crate::generate::Random;
use kcx::kubeconfig::provenance::Provenance;
use kcx::kubeconfig::{Document, Kind, Merged, Source, View};
use std::collections::BTreeMap;
use std::fs;

const SETTINGS: &str = "sources:\n- {name: one, dir: ~/one}\n- {name: two, dir: ~/two, namespace: shop}\n";
/// Names that both sources use, and one of the user's own.
const NAMES: [&str; 6] = ["a", "b", "c", "shop", "dev", "a-one"];

/// What a source has: the name and the server of each file's cluster.
type Files = BTreeMap<String, (String, String)>;

/// What the user has set in a context: its name, a namespace, a proxy.
#[derive(Clone, Debug, Default, PartialEq)]
struct Own {
    name: Option<String>,
    namespace: Option<String>,
    proxy: Option<String>,
}

struct Rounds {
    sandbox: Sandbox,
    random: Random,
    sources: [Files; 2],
    own: BTreeMap<(usize, String), Own>,
    serial: usize,
    /// The number of files that a source may have.
    most: usize,
}

const SOURCES: [&str; 2] = ["one", "two"];

impl Rounds {
    fn new(seed: u64, most: usize) -> Rounds {
        let mut sandbox = Sandbox::with(THREE).file("settings/config.yaml", SETTINGS);
        sandbox.env.config = Some(sandbox.path().join("settings"));
        for folder in SOURCES {
            fs::create_dir_all(sandbox.path().join(folder)).unwrap();
        }
        Rounds {
            sandbox,
            random: Random::new(seed),
            sources: Default::default(),
            own: BTreeMap::new(),
            serial: 0,
            most,
        }
    }

    fn write(&self, source: usize, file: &str) {
        let path = self.sandbox.path().join(SOURCES[source]).join(file);
        let Some((name, server)) = self.sources[source].get(file) else {
            fs::remove_file(path).unwrap();
            return;
        };
        let text = format!(
            "clusters:\n- name: {name}\n  cluster: {{server: '{server}'}}\nusers:\n- name: {name}\n  user: {{token: '{server}'}}\n\
             contexts:\n- name: {name}\n  context: {{cluster: {name}, user: {name}}}\n"
        );
        fs::write(path, text).unwrap();
    }

    /// A change in a source.
    fn change(&mut self) {
        let source = self.random.below(2);
        let file = format!("{}.yaml", self.random.below(self.most));
        let name = NAMES[self.random.below(NAMES.len())].to_owned();
        self.serial += 1;
        let server = format!("https://{}", self.serial);
        let files = &mut self.sources[source];
        match files.get_mut(&file) {
            None => {
                files.insert(file.clone(), (name, server));
            }
            Some(old) => match self.random.below(3) {
                0 => {
                    files.remove(&file);
                }
                1 => old.1 = server,
                _ => old.0 = name,
            },
        }
        self.write(source, &file);
    }

    /// All contexts that a source brought, by source and id: the file's own view of them.
    fn brought(&self) -> BTreeMap<(usize, String), (String, Provenance, String, View)> {
        let mut found = BTreeMap::new();
        for (at, source) in SOURCES.iter().enumerate() {
            let path = self.sandbox.path().join(format!(".kube/config.d/{source}.yaml"));
            let Ok(bytes) = fs::read(&path) else { continue };
            let document = Document::parse(bytes).unwrap();
            let view = View::of(&Merged::new(vec![Source { path, document: Some(document) }])).unwrap();
            for (name, entry) in &view.lists[Kind::Context] {
                let from = Provenance::of(&entry.body).unwrap();
                let cluster = entry.body["cluster"].as_str().unwrap().to_owned();
                found.insert((at, from.id.clone()), (name.clone(), from, cluster, view.clone()));
            }
        }
        found
    }

    /// The user renames a context, sets its namespace, or adds a proxy to its cluster.
    fn edit(&mut self) {
        let brought = self.brought();
        let keys: Vec<_> = brought.keys().cloned().collect();
        if keys.is_empty() {
            return;
        }
        let key = keys[self.random.below(keys.len())].clone();
        let (name, _, cluster, _) = &brought[&key];
        self.serial += 1;
        let file = format!("--kubeconfig @DIR@/.kube/config.d/{}.yaml", SOURCES[key.0]);
        let own = self.own.entry(key).or_default();
        let line = match self.random.below(3) {
            0 => {
                let new = format!("mine-{}", self.serial);
                own.name = Some(new.clone());
                format!("rename context {name} {new}")
            }
            1 => {
                own.namespace = Some(format!("ns-{}", self.serial));
                format!("{file} config set-context {name} --namespace=ns-{}", self.serial)
            }
            _ => {
                own.proxy = Some(format!("http://proxy-{}", self.serial));
                format!("{file} config set-cluster {cluster} --proxy-url=http://proxy-{}", self.serial)
            }
        };
        let outcome = self.sandbox.run(&line).0;
        assert!(outcome.contains("--- exit 0"), "{line}: {outcome}");
    }

    /// A cluster that was created again under another id has the context of the one before, with what the user has set.
    fn adopt(&mut self) {
        let brought = self.brought();
        for (at, files) in self.sources.iter().enumerate() {
            let mut left: Vec<(&String, &Provenance)> = brought
                .iter()
                .filter(|((source, id), _)| *source == at && !files.contains_key(id))
                .map(|((_, id), (_, from, ..))| (id, from))
                .collect();
            for (file, (name, _)) in
                files.iter().filter(|(file, _)| !brought.contains_key(&(at, (*file).clone())))
            {
                let same: Vec<String> = left
                    .iter()
                    .filter(|(_, from)| from.wanted == *name)
                    .map(|(id, _)| (*id).clone())
                    .collect();
                if let [id] = same.as_slice() {
                    left.retain(|(other, _)| *other != id);
                    let own = self.own.remove(&(at, id.clone())).unwrap_or_default();
                    self.own.insert((at, file.clone()), own);
                }
            }
        }
    }

    fn sync(&mut self, words: &str) -> String {
        let outcome = self.sandbox.run(words).0;
        assert!(outcome.contains("--- exit 0"), "{outcome}");
        outcome
    }

    /// Checks the files against the sources and the user's own changes; those of removed contexts are forgotten.
    fn check(&mut self, seed: u64, pruned: bool) {
        assert_eq!(
            fs::read_to_string(self.sandbox.path().join(".kube/config")).unwrap(),
            THREE,
            "seed {seed}"
        );
        let brought = self.brought();
        let mut names: Vec<&str> = vec!["dev", "prod-eu1", "stale"];
        for (source, files) in self.sources.iter().enumerate() {
            for (file, (_, server)) in files {
                let (name, from, cluster, view) = &brought[&(source, file.clone())];
                let body = &view.lists[Kind::Cluster][cluster].body;
                assert_eq!(body["server"], **server, "seed {seed}: {name}");
                let context = &view.lists[Kind::Context][name].body;
                let user = &view.lists[Kind::User][context["user"].as_str().unwrap()].body;
                assert_eq!(user["token"], **server, "seed {seed}: {name}");
                assert_eq!(from.gone, None, "seed {seed}: {name}");
                let own = self.own.get(&(source, file.clone())).cloned().unwrap_or_default();
                if let Some(own) = own.name {
                    assert_eq!(*name, own, "seed {seed}");
                }
                let namespace = own.namespace.or((source == 1).then(|| "shop".to_owned()));
                assert_eq!(
                    context.get("namespace").and_then(|it| it.as_str()),
                    namespace.as_deref(),
                    "seed {seed}"
                );
                assert_eq!(
                    body.get("proxy-url").and_then(|it| it.as_str()),
                    own.proxy.as_deref(),
                    "seed {seed}"
                );
            }
        }
        for ((source, id), (name, from, ..)) in &brought {
            names.push(name);
            let is_there = self.sources[*source].contains_key(id);
            assert!(is_there || !pruned && from.gone.is_some(), "seed {seed}: {name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "seed {seed}: two entries have one name");
        let keys: Vec<_> = brought.keys().cloned().collect();
        self.own.retain(|key, _| keys.contains(key));
    }
}

#[test]
fn a_sync_follows_its_sources_and_keeps_what_the_user_has_set() {
    // Each of these runs kcx some 30 times.
    let count = if std::env::var_os("KCX_LONG").is_some() { 1000 } else { 40 };
    for seed in 0..count {
        follow(seed, 5, 4);
    }
}

#[test]
fn a_sync_of_many_clusters_follows_its_sources_in_the_same_way() {
    let count = if std::env::var_os("KCX_LONG").is_some() { 50 } else { 2 };
    for seed in 0..count {
        follow(seed, 60, 80);
    }
}

/// Some rounds with up to this number of files in each source, and of changes in each round.
fn follow(seed: u64, files: usize, changes: usize) {
    let mut rounds = Rounds::new(seed, files);
    for _ in 0..8 {
        for _ in 0..1 + rounds.random.below(changes) {
            rounds.change();
        }
        rounds.adopt();
        let prune = rounds.random.below(2) == 0;
        rounds.sync(if prune { "sync --prune -y" } else { "sync" });
        rounds.check(seed, prune);
        let again = rounds.sync("sync");
        assert!(again.contains("no file changed"), "seed {seed}: {again}");
        for _ in 0..rounds.random.below(3) {
            rounds.edit();
        }
    }
}
