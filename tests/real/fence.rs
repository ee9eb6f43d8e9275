//! The fence with everything real but the cluster: kcx as it was built, kubectl, and the tests' API server with all types of
//! Kubernetes and marks in what must not be seen.

mod clients;
mod generated;
mod load;

use crate::api_server::{
    ApiServer, CLUSTER_MARK, FOREIGN_MARK, SECRET_MARK, Setup, User, base64, kubeconfig,
};
use crate::tools::Home;
use std::path::PathBuf;

const TOKEN: &str = "secret-token";

/// The server, and a home with a kubeconfig that leads there.
struct World {
    server: ApiServer,
    home: Home,
    file: PathBuf,
}

impl World {
    fn new() -> World {
        World::with(Setup::default())
    }

    fn with(setup: Setup) -> World {
        let tokens = vec![(TOKEN.to_owned(), User::new("jane", &["system:masters"]))];
        let server = ApiServer::start(Setup { tokens, whole: true, ..setup });
        let home = Home::new();
        let file = home.write("config", kubeconfig(&[("test", &server.cluster(), "{token: secret-token}")]));
        World { server, home, file }
    }

    /// What reached the server and is no reading.
    fn written(&self) -> Vec<String> {
        let reads = |line: &String| {
            line.starts_with("GET ")
                || line.starts_with("HEAD ")
                || line.starts_with("OPTIONS ")
                || line.contains("reviews HTTP/")
                || line.contains("dryRun=All")
        };
        self.server.lines().into_iter().filter(|line| !reads(line)).collect()
    }
}

/// All forms of a mark: as it is, and in base64 wherever it begins.
fn forms(mark: &str) -> Vec<String> {
    let mut forms = vec![mark.to_owned()];
    for before in ["", "x", "xy"] {
        let text = base64(&format!("{before}{mark}"));
        // The first and the last characters depend on what is around it.
        let from = if before.is_empty() { 0 } else { 4 };
        forms.push(text[from..text.len() - 4].to_owned());
    }
    forms
}

/// The marks that must not be seen under these flags.
fn marks(flags: &[&str]) -> Vec<String> {
    let mut marks = Vec::new();
    if flags.contains(&"--no-secrets") {
        marks.extend(forms(SECRET_MARK));
    }
    if flags.contains(&"--namespaces") {
        marks.extend([FOREIGN_MARK, CLUSTER_MARK].iter().flat_map(|mark| forms(mark)));
    }
    marks
}

#[track_caller]
fn shows_no_mark(bytes: &[u8], flags: &[&str], what: &str) {
    let text = String::from_utf8_lossy(bytes);
    for mark in marks(flags) {
        assert!(!text.contains(&mark), "{what} shows {mark}: {text}");
    }
}
