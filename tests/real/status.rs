//! `kcx status --watch`: what changes is told as it changes.

use crate::api_server::ApiServer;
use crate::tools::{Home, KCX};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn a_cluster_that_goes_away_is_told() {
    let mut server = ApiServer::good();
    let home = Home::new();
    let file = home.write("config", server.kubeconfig("{token: secret-token}"));
    let mut command = home.command(KCX, &file);
    command.args(["status", "--watch=50ms", "--timeout", "20s"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().starts_with("TIME"));
    let first = next();
    assert!(first.contains("ok") && first.contains("jane"), "{first}");
    server.stop();
    // A question that was on its way may be cut first.
    let told: Vec<String> =
        (0..2).map(|_| next()).take_while(|line| !line.contains("refused the connection")).collect();
    assert!(told.len() < 2, "{told:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}
