//! The risks of foreign entries are shown, and asked about or refused: by `kcx import`, by `kcx merge -O`, for
//! discovered files, and for entries that other programs write into an overlay.

use crate::common::{Sandbox, THREE};
use std::fs;

/// The user's own file, with the user name that every kubeadm creates.
const MINE: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://mine.example
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: mine
current-context: mine
kind: Config
users:
- name: kubernetes-admin
  user:
    token: s3cr3t
";

const TRAINING: &str = "\
clusters:
- name: training
  cluster: {server: 'https://evil.example'}
contexts:
- name: training
  context: {cluster: training, user: kubernetes-admin}
";

fn sandbox(foreign: &str) -> Sandbox {
    Sandbox::with(MINE).file("in/x.yaml", foreign)
}

/// Runs a command that must be refused without a change; returns its output.
#[track_caller]
fn refused(sandbox: &Sandbox, words: &str) -> String {
    let said = sandbox.run(words).0;
    assert!(said.contains("--- exit 1\nno file changed\n"), "kcx {words}: {said}");
    said
}

#[track_caller]
fn done(sandbox: &Sandbox, words: &str) -> String {
    let said = sandbox.run(words).0;
    assert!(said.contains("--- exit 0\n"), "kcx {words}: {said}");
    said
}

#[test]
fn a_context_that_would_log_in_as_a_user_of_mine() {
    let sandbox = sandbox(TRAINING);
    sandbox.run("import in/x.yaml").shows(
        "
--- stderr
warning: context `training` would log in at `https://evil.example` as your user `kubernetes-admin`
error: context `training` would log in at `https://evil.example` as your user `kubernetes-admin`; nothing was imported
hint: `--allow-user=kubernetes-admin` permits that and nothing else
--- exit 1
no file changed
",
    );
    for flags in
        ["--allow-user=other", "--allow-cluster", "--allow-exec --allow-env --allow-file -y", "--prefix x-"]
    {
        refused(&sandbox, &format!("import in/x.yaml {flags}"));
    }
    for policy in ["skip", "overwrite", "rename", "update"] {
        for naming in ["", " --suffix=-2", " --template {file}-{cluster}"] {
            refused(&sandbox, &format!("import in/x.yaml --on-conflict {policy}{naming}"));
        }
    }
    let said = done(&sandbox, "import in/x.yaml --dry-run");
    assert!(
        said.contains("as your user `kubernetes-admin`\n") && said.ends_with("no file changed\n"),
        "{said}"
    );
    done(&sandbox, "import in/x.yaml --allow-user=kubernetes-admin");
    assert!(done(&sandbox, "import in/x.yaml").ends_with("no file changed\n"));
}

#[test]
fn a_context_that_would_reach_a_cluster_of_mine() {
    let foreign = "\
users: [{name: guest, user: {token: g}}]
contexts: [{name: guest, context: {cluster: kubernetes, user: guest}}]
";
    let said = refused(&sandbox(foreign), "import in/x.yaml");
    let want =
        "context `guest` would reach your cluster `kubernetes` at `https://mine.example` as user `guest`";
    assert!(said.contains(want) && said.contains("`--allow-cluster=kubernetes` permits"), "{said}");
    let foreign = "contexts: [{name: both, context: {cluster: kubernetes, user: kubernetes-admin}}]\n";
    let said = refused(&sandbox(foreign), "import in/x.yaml");
    assert!(said.contains("`--allow-user=kubernetes-admin --allow-cluster=kubernetes` permits"), "{said}");
    // A file that brings the same cluster itself vouches for its server.
    let foreign = "\
clusters: [{name: kubernetes, cluster: {server: 'https://mine.example'}}]
users: [{name: guest, user: {token: g}}]
contexts: [{name: guest, context: {cluster: kubernetes, user: guest}}]
";
    done(&sandbox(foreign), "import in/x.yaml");
}

#[test]
fn a_name_that_is_given_to_an_entry_may_be_one_of_mine() {
    // With `-admin` appended, the first name becomes the second.
    let foreign = "\
clusters: [{name: x, cluster: {server: 'https://evil.example'}}]
contexts: [{name: x, context: {cluster: x, user: kubernetes-admin}}]
users: [{name: kubernetes, user: {token: theirs}}]
";
    let sandbox = sandbox(foreign);
    let said = sandbox.run("import in/x.yaml --suffix=-admin").0;
    assert!(said.contains("--- exit 4\nno file changed\n"), "{said}");
    let said = done(&sandbox, "import in/x.yaml --suffix=-admin --on-conflict skip");
    assert!(said.ends_with("no file changed\n"), "{said}");
    let said = done(&sandbox, "import in/x.yaml --suffix=-admin --on-conflict rename");
    assert!(said.contains("+    user: kubernetes-admin-2\n"), "{said}");
    // If its own user has another name, the context means the user's own entry.
    let said = refused(&self::sandbox(&foreign.replace("kubernetes,", "k,")), "import in/x.yaml --suffix=-x");
    assert!(said.contains("as your user `kubernetes-admin`"), "{said}");
}

#[test]
fn a_cluster_of_mine_that_would_lead_elsewhere() {
    for change in [
        "{server: 'https://evil.example'}",
        "{server: 'https://mine.example', certificate-authority-data: Q0E=}",
        "{server: 'https://mine.example', insecure-skip-tls-verify: true}",
        "{server: 'https://mine.example', proxy-url: 'http://p.example'}",
        "{server: 'https://mine.example', tls-server-name: evil}",
    ] {
        let sandbox = sandbox(&format!("clusters: [{{name: kubernetes, cluster: {change}}}]\n"));
        for policy in ["overwrite", "update"] {
            let said = refused(&sandbox, &format!("import in/x.yaml --on-conflict {policy}"));
            assert!(said.contains("context `mine` would log in at `https://"), "{said}");
            assert!(said.contains("`--allow-user=kubernetes-admin` permits that"), "{said}");
        }
        done(&sandbox, "import in/x.yaml --on-conflict rename");
    }
    let sandbox = sandbox("users: [{name: kubernetes-admin, user: {token: theirs}}]\n");
    let said = refused(&sandbox, "import in/x.yaml --on-conflict update");
    assert!(said.contains("context `mine` would reach your cluster `kubernetes`"), "{said}");
}

#[test]
fn one_file_does_not_use_what_another_brings() {
    let sandbox = Sandbox::new()
        .file("in/good.yaml", MINE)
        .file("in/x.yaml", TRAINING)
        .file("in/y.yaml", &TRAINING.replace("kubernetes-admin", "nobody"));
    let said = refused(&sandbox, "import in/good.yaml in/x.yaml");
    assert!(said.contains("context `training` would log in at"), "{said}");
    assert!(done(&sandbox, "import in/y.yaml -q").contains("names user `nobody`, which does not exist\n"));
    // The same in a folder: each file may be somebody else's.
    let sandbox = Sandbox::new().file("in/good.yaml", MINE).file("in/x.yaml", TRAINING);
    refused(&sandbox, "import in");
}

#[test]
fn what_one_file_brings_belongs_together() {
    let parts = [
        "clusters: [{name: c, cluster: {server: 'https://c.example'}}]\n",
        "users: [{name: u, user: {token: t}}]\n",
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n",
    ];
    for text in [
        parts.join("---\n"),
        format!("{}---\n{}{}", parts[2], parts[1], parts[0]),
        format!("{}---\n{}{}", parts[1], parts[2], parts[0]),
    ] {
        let sandbox = sandbox(&text);
        let said = done(&sandbox, "import in/x.yaml");
        assert!(!said.contains("warning"), "{said}");
        // Still foreign to the user's own entries.
        let borrowed = text.replace("user: u}", "user: kubernetes-admin}");
        refused(&self::sandbox(&borrowed), "import in/x.yaml");
        let reached = text.replace("cluster: c,", "cluster: kubernetes,");
        refused(&self::sandbox(&reached), "import in/x.yaml");
        // An entry that gets another name because the user has one of this name is not meant.
        let taken = text
            .replace("name: u,", "name: kubernetes-admin,")
            .replace("user: u}", "user: kubernetes-admin}");
        let said = self::sandbox(&taken).run("import in/x.yaml --on-conflict rename").0;
        let is_renamed = said.contains("user: kubernetes-admin-2\n");
        assert!(is_renamed || said.contains("as your user") && said.contains("no file changed"), "{said}");
    }
    // A context in another file, for a cluster and a user that one file brings.
    let sandbox = Sandbox::with(MINE)
        .file("in/a.yaml", &[parts[0], parts[1]].concat())
        .file("in/b.yaml", parts[2])
        .file("in/c.yaml", parts[0])
        .file("in/d.yaml", &[parts[1], parts[2]].concat());
    assert!(!done(&sandbox, "import in/a.yaml in/b.yaml --dry-run").contains("warning"));
    let said = refused(&sandbox, "import in/c.yaml in/d.yaml");
    assert!(said.contains("would reach your cluster `c`"), "{said}");
}

/// An entry of the user's that a foreign file brings again: what it proves depends on the kind of its credential.
#[test]
fn a_user_that_comes_again_counts_by_its_credential() {
    let mine = |user: &str| format!("users: [{{name: me, user: {user}}}]\n");
    let foreign = |user: &str| {
        format!(
            "{}clusters: [{{name: x, cluster: {{server: 'https://evil.example'}}}}]\n\
             contexts: [{{name: x, context: {{cluster: x, user: me}}}}]\n",
            mine(user)
        )
    };
    let borrows = "would log in at `https://evil.example` as your user `me`";
    // The author of the file has the credential.
    for user in
        ["{token: t}", "{client-certificate-data: Yw==, client-key-data: aw==}", "{token: t, as: root}"]
    {
        let said = done(&Sandbox::with(&mine(user)).file("in/x.yaml", &foreign(user)), "import in/x.yaml");
        assert!(!said.contains("warning"), "{user}: {said}");
    }
    // A password may have been guessed, and is sent as it is.
    for user in
        ["{username: admin, password: admin}", "{password: x}", "{username: me, password: p, token: t}"]
    {
        let sandbox = Sandbox::with(&mine(user)).file("in/x.yaml", &foreign(user));
        let said = refused(&sandbox, "import in/x.yaml");
        assert!(said.contains(borrows) && said.contains("`--allow-user=me` permits"), "{user}: {said}");
        done(&sandbox, "import in/x.yaml --allow-user=me");
    }
    // A key is never sent: the same file is shown.
    for user in [
        "{client-certificate: /c.pem, client-key: /k.pem}",
        "{client-certificate: /c.pem, client-key-data: aw==}",
        "{client-certificate-data: Yw==, client-key: /k.pem}",
    ] {
        let said = done(&Sandbox::with(&mine(user)).file("in/x.yaml", &foreign(user)), "import in/x.yaml");
        assert!(said.contains("warning: user `me` reads `/"), "{user}: {said}");
    }
    // The same words in another folder mean another file: `me` is not the file's own user.
    for user in [
        "{client-certificate: c.pem, client-key: k.pem}",
        "{client-key: ./k.pem, client-certificate-data: Yw==}",
        "{tokenFile: token}",
    ] {
        let sandbox =
            Sandbox::with(MINE).file("other/config", &mine(user)).file(".kube/x.yaml", &foreign(user));
        let sandbox = sandbox.kubeconfig(&["other/config", ".kube/config"]);
        let said = refused(&sandbox, "merge @DIR@/.kube/config @DIR@/.kube/x.yaml -O @DIR@/.kube/config");
        assert!(said.contains(borrows), "{user}: {said}");
        let found = Sandbox::with(&mine(user)).file(".kube/config.d/x.yaml", &foreign(user));
        let said = refused(&found, "use x");
        assert!(said.contains(borrows), "{user}: {said}");
    }
    // One more name for what is combined already brings nothing new.
    let user = "{username: admin, password: admin}";
    let known = foreign(user);
    let again = known.replace("{name: x, context", "{name: again, context");
    done(&Sandbox::with(&known).file("in/x.yaml", &again), "import in/x.yaml");
}

#[test]
fn the_same_user_for_another_cluster_runs_its_program_there() {
    // Everybody has the same entry for this plugin: having it does not mean having the credential.
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: gke-gcloud-auth-plugin}}";
    let mine = format!("users: [{{name: gke, user: {user}}}]\n");
    let foreign = format!(
        "{mine}clusters: [{{name: x, cluster: {{server: 'https://evil.example'}}}}]\n\
         contexts: [{{name: x, context: {{cluster: x, user: gke}}}}]\n"
    );
    let sandbox = Sandbox::with(&mine).file("in/x.yaml", &foreign);
    let said = refused(&sandbox, "import in/x.yaml");
    assert!(said.contains("`--allow-exec=gke-gcloud-auth-plugin` permits"), "{said}");
    done(&sandbox, "import in/x.yaml --allow-exec=gke-gcloud-auth-plugin");
}

#[test]
fn a_program_of_an_auth_provider_has_to_be_permitted() {
    for (name, key) in
        [("gcp", "cmd-path"), ("x", "command"), ("azure", "token-helper"), ("oidc", "exec-path")]
    {
        let foreign = format!(
            "users: [{{name: u, user: {{auth-provider: {{name: {name}, config: \
             {{{key}: /bin/sh, cmd-args: -c id --token=s3cr3t}}}}}}}}]\n"
        );
        let sandbox = sandbox(&foreign);
        let said = refused(&sandbox, "import in/x.yaml");
        let want = format!("user `u` runs `/bin/sh -c id --token=REDACTED` with the old plugin `{name}`\n");
        assert!(said.contains(&want), "{said}");
        assert!(said.contains("`--allow-exec=/bin/sh` permits") && !said.contains("s3cr3t"), "{said}");
        done(&sandbox, "import in/x.yaml --allow-exec=/bin/sh");
    }
}

#[test]
fn a_program_that_is_permitted_gets_no_variables_with_that() {
    let with = |name: &str, value: &str| {
        sandbox(&format!(
            "users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: aws, \
             env: [{{name: '{name}', value: '{value}'}}]}}}}}}]\n"
        ))
    };
    for name in ["LD_PRELOAD", "BASH_ENV", "NODE_OPTIONS", "AWS_CONFIG_FILE", "XDG_CONFIG_HOME", "UNHEARD_OF"]
    {
        let sandbox = with(name, "/tmp/x");
        let said = refused(&sandbox, "import in/x.yaml --allow-exec=aws");
        assert!(said.contains(&format!("`--allow-env={name}` permits")), "{said}");
        refused(&sandbox, "import in/x.yaml --allow-exec --allow-env=OTHER");
        done(&sandbox, &format!("import in/x.yaml --allow-exec=aws --allow-env={name}"));
    }
    for (name, value) in
        [("AWS_PROFILE", "dev"), ("AWS_REGION", "eu-west-1"), ("AWS_STS_REGIONAL_ENDPOINTS", "regional")]
    {
        let said = done(&with(name, value), "import in/x.yaml --allow-exec=aws");
        assert!(!said.split("--- exit").next().unwrap().contains(name), "{said}");
    }
    // A region becomes part of a host name.
    refused(&with("AWS_REGION", "x.evil.example/"), "import in/x.yaml --allow-exec=aws");
    let mut sandbox = with("HTTPS_PROXY", "http://p")
        .file("set/config.yaml", "import: {allow-exec: [aws], allow-env: [HTTPS_PROXY]}\n");
    sandbox.env.config = Some(sandbox.path().join("set"));
    done(&sandbox, "import in/x.yaml");
}

#[test]
fn a_file_that_is_sent_has_to_be_permitted_wherever_it_lies() {
    for file in ["token", "/etc/hostname", "../.git-credentials"] {
        let sandbox = sandbox(&format!("users: [{{name: u, user: {{tokenFile: {file}}}}}]\n"));
        let said = refused(&sandbox, "import in/x.yaml --embed-certs --allow-exec --allow-env");
        assert!(said.contains(" as its token") && said.contains("`--allow-file="), "{said}");
    }
    let sandbox = sandbox("users: [{name: u, user: {tokenFile: token}}]\n").file("in/token", "t\n");
    refused(&sandbox, "import in/x.yaml --allow-file=token");
    let said = done(&sandbox, "import in/x.yaml --allow-file=in/token");
    assert!(
        said.contains("warning: user `u` sends the content of `@DIR@/in/token` as its token\n"),
        "{said}"
    );
    let certificates = "users: [{name: u, user: {client-certificate: a/c.pem, client-key: /k.pem}}]\n";
    let said = done(&self::sandbox(certificates), "import in/x.yaml");
    assert!(
        said.contains("user `u` reads `@DIR@/in/a/c.pem` as its client-certificate, which does not exist\n"),
        "{said}"
    );
    assert!(said.contains("user `u` reads `/k.pem` as its client-key, which does not exist\n"), "{said}");
}

#[test]
fn stdin_has_no_folder_of_its_own() {
    let sandbox = Sandbox::with(MINE).file(".git-credentials", "https://bob:ghp@git.example\n");
    let (code, out, said) = sandbox
        .pipe(&["import", "-", "-o", "json"], "users: [{name: u, user: {tokenFile: .git-credentials}}]\n");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("/.git-credentials` as its token\n"), "{said}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["changed"], &report["refused"]), (&false.into(), &true.into()), "{out}");
    assert_eq!(report["risks"][0]["risk"], "token-file", "{out}");
}

#[test]
fn what_is_embedded_is_shown_and_must_be_what_it_is_said_to_be() {
    let foreign = "clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: ca.pem}}]\n";
    let pem = "-----BEGIN CERTIFICATE-----\nQ0E=\n-----END CERTIFICATE-----\n";
    let good = sandbox(foreign).file("in/ca.pem", pem);
    let said = done(&good, "import in/x.yaml --embed-certs");
    assert!(said.contains("cluster `c` embeds `@DIR@/in/ca.pem` as its certificate-authority\n"), "{said}");
    for content in [
        "root:x:0:0\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nQQ==\n-----END OPENSSH PRIVATE KEY-----\n",
        "\0",
    ] {
        let bad = sandbox(foreign).file("in/ca.pem", content);
        let said = refused(&bad, "import in/x.yaml --embed-certs");
        assert!(said.contains("as its certificate-authority, although it is not one\n"), "{said}");
        done(&bad, "import in/x.yaml --embed-certs --allow-file=in/ca.pem");
    }
}

#[test]
fn a_report_names_every_risk() {
    let foreign = "\
clusters:
- {name: c, cluster: {server: 'http://me:s3cr3t@h', proxy-url: 'http://p', certificate-authority: ca.pem}}
- {name: d, cluster: {server: 'https://d', insecure-skip-tls-verify: true}}
users:
- {name: u, user: {tokenFile: /t, auth-provider: {name: gcp, config: {cmd-path: sh}}}}
- {name: v, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, env: [{name: LD_PRELOAD, value: x}, {name: AWS_PROFILE, value: dev}]}}}
contexts:
- {name: one, context: {cluster: kubernetes, user: kubernetes-admin}}
- {name: two, context: {cluster: c, user: nobody}}
";
    let sandbox = sandbox(foreign);
    let (_, out, _) = sandbox.pipe(&["import", "in/x.yaml", "-o", "json", "--allow-exec=sh"], "");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let told: Vec<String> = report["risks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {} {}", text("risk"), text("kind"), text("name"), text("needs"), it["allowed"])
        })
        .collect();
    assert_eq!(
        told,
        [
            "file cluster c - true",
            "unencrypted cluster c - true",
            "proxy cluster c - true",
            "unchecked-certificate cluster d - true",
            "auth-provider user u - true",
            "program user u --allow-exec=sh true",
            "token-file user u --allow-file=/t false",
            "program user v --allow-exec=aws false",
            "variable user v --allow-env=LD_PRELOAD false",
            "variable user v - true",
            "borrowed-user context one --allow-user=kubernetes-admin false",
            "borrowed-cluster context one --allow-cluster=kubernetes false",
            "missing-entry context two - true",
        ],
        "{out}"
    );
    assert!(!out.contains("s3cr3t"), "{out}");
    let all = "--allow-exec=sh --allow-exec=aws --allow-env=LD_PRELOAD --allow-file=/t --allow-user=kubernetes-admin --allow-cluster=kubernetes";
    let said = done(&sandbox, &format!("import in/x.yaml -o json {all}"));
    assert_eq!(said.matches("\"allowed\": true").count(), told.len(), "{said}");
    assert!(said.contains("\"changed\": true"), "{said}");
}

/// Another program adds a user of this name while the import waits for the lock: a harmless import becomes a risk.
#[test]
fn the_risks_are_those_of_the_file_that_is_written() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let sandbox = sandbox(&TRAINING.replace("kubernetes-admin", "later"));
    let config = sandbox.path().join(".kube/config");
    let lock = sandbox.path().join(".kube/config.lock");
    fs::write(&lock, "").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_kcx"))
        .args(["import", "in/x.yaml", "--lock-timeout", "60s"])
        .current_dir(sandbox.path())
        .env_clear()
        .env("HOME", sandbox.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("names user `later`, which does not exist"), "{line}");
    let after = MINE.replace("kubernetes-admin", "later");
    fs::write(&config, &after).unwrap();
    fs::remove_file(&lock).unwrap();
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut said, &mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{rest}");
    assert!(rest.contains("as your user `later`; nothing was imported\n"), "{rest}");
    assert!(rest.contains("hint: the kubeconfig was changed while"), "{rest}");
    assert_eq!(fs::read_to_string(&config).unwrap(), after);
}

#[test]
fn a_file_of_the_list_counts_with_the_others() {
    let sandbox = sandbox(TRAINING).file("second", "kind: Config\n").kubeconfig(&[".kube/config", "second"]);
    refused(&sandbox, "import in/x.yaml --into @DIR@/second");
    done(&sandbox, "import in/x.yaml --into @DIR@/elsewhere");
    let sandbox = self::sandbox(TRAINING);
    refused(&sandbox, "import in/x.yaml --into @DIR@/.kube/config.d/new.yaml");
    refused(&sandbox, "import in/x.yaml --into @DIR@/.kube/config");
    // An entry of the same name in an earlier file takes precedence over the imported one.
    let hidden = format!("{TRAINING}users: [{{name: kubernetes-admin, user: {{token: theirs}}}}]\n");
    refused(&self::sandbox(&hidden), "import in/x.yaml --into @DIR@/.kube/config.d/new.yaml");
}

/// Discovered files are read in sorted order: a new file takes precedence over those that sort after it.
#[test]
fn a_new_file_is_judged_at_the_place_at_which_it_is_found() {
    let found = "\
clusters: [{name: c, cluster: {server: 'https://c.example'}}]
users: [{name: u, user: {token: s3cr3t}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
";
    let evil = "clusters: [{name: c, cluster: {server: 'https://evil.example'}}]\n";
    let guest = "users: [{name: u, user: {token: theirs}}]\n";
    for (foreign, says) in [(evil, "`https://evil.example` as your user `u`"), (guest, "your cluster `c`")] {
        let sandbox = Sandbox::with(MINE).file(".kube/config.d/m.yaml", found).file("in/x.yaml", foreign);
        for (words, undone) in [
            ("import in/x.yaml --into @DIR@/.kube/config.d", "imported"),
            ("merge @DIR@/in/x.yaml -O @DIR@/.kube/config.d", "written"),
        ] {
            for name in ["a.yaml", "lz.yaml"] {
                let said = refused(&sandbox, &format!("{words}/{name}"));
                assert!(said.contains(says) && said.contains(&format!("; nothing was {undone}\n")), "{said}");
            }
            // What comes later in the list hides nothing.
            done(&sandbox, &format!("{words}/n.yaml"));
            fs::remove_file(sandbox.path().join(".kube/config.d/n.yaml")).unwrap();
        }
    }
}

#[test]
fn a_merge_into_a_file_in_use_is_an_import() {
    let program =
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}]\n";
    for foreign in [TRAINING, program, "users: [{name: u, user: {tokenFile: /t}}]\n"] {
        let sandbox = sandbox(foreign);
        for words in [
            "merge @DIR@/.kube/config @DIR@/in/x.yaml -O @DIR@/.kube/config",
            "merge @DIR@/in/x.yaml @DIR@/.kube/config -y -O @DIR@/.kube/config",
            "merge @DIR@/.kube/config @DIR@/in/x.yaml -O @DIR@/.kube/config --on-conflict rename",
            "merge @DIR@/.kube/config @DIR@/in/x.yaml -O @DIR@/.kube/config.d/new.yaml",
        ] {
            let said = refused(&sandbox, words);
            assert!(said.contains("; nothing was written\nhint: `--allow-"), "{said}");
        }
        // These files are not in use.
        done(&sandbox, "merge @DIR@/.kube/config @DIR@/in/x.yaml");
        done(&sandbox, "merge @DIR@/.kube/config @DIR@/in/x.yaml -O @DIR@/new.yaml");
    }
}

#[test]
fn a_merge_of_own_files_asks_nothing() {
    let sandbox = Sandbox::with(THREE).file("two", MINE).kubeconfig(&[".kube/config", "two"]);
    done(&sandbox, "merge @DIR@/.kube/config @DIR@/two -O @DIR@/.kube/config");
    let sandbox = Sandbox::with(MINE).file("in/x.yaml", THREE);
    let flags = "--allow-exec=/usr/local/bin/aws";
    refused(&sandbox, "merge @DIR@/.kube/config @DIR@/in/x.yaml -O @DIR@/.kube/config");
    done(&sandbox, &format!("merge @DIR@/.kube/config @DIR@/in/x.yaml -O @DIR@/.kube/config {flags}"));
}

#[test]
fn a_context_that_was_found_is_asked_about_once() {
    let found = "\
clusters: [{name: f, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: f, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./touch-me, interactiveMode: Never}}}]
contexts: [{name: found, context: {cluster: f, user: f}}, {name: borrowed, context: {cluster: f, user: kubernetes-admin}}]
";
    let sandbox = Sandbox::with(MINE).file(".kube/config.d/f.yaml", found);
    done(&sandbox, "get");
    for words in ["use found", "found", "shell found", "exec found -- true", "whoami found", "use borrowed"] {
        let said = refused(&sandbox, words);
        assert!(
            said.contains("`@DIR@/.kube/config.d/f.yaml` could do this, and it is not permitted yet:\n"),
            "{said}"
        );
    }
    for words in ["status found", "status"] {
        let said = sandbox.run(words).0;
        assert!(!said.contains("--- exit 0\n"), "{words}: {said}");
    }
    assert!(
        sandbox
            .run("status found")
            .0
            .contains("what `@DIR@/.kube/config.d/f.yaml` does is not permitted yet")
    );
    done(&sandbox, "use mine");
    let command = "@DIR@/.kube/config.d/touch-me";
    refused(&sandbox, "use found --allow-exec=touch-me");
    done(&sandbox, &format!("use found --global --allow-exec={command}"));
    done(&sandbox, "use mine");
    done(&sandbox, "use found --global");
    // Another program is asked about again.
    fs::write(sandbox.path().join(".kube/config.d/f.yaml"), found.replace("touch-me", "other")).unwrap();
    done(&sandbox, "use mine");
    refused(&sandbox, "use found");
}

/// Only root can change the owner of a file.
#[cfg(unix)]
#[test]
fn credentials_are_not_written_into_somebody_elses_file() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let sandbox = sandbox(MINE).file("out", "");
    let out = sandbox.path().join("out");
    let into = format!("import in/x.yaml --into {}", out.display());
    if chown(&out, Some(65534), Some(65534)).is_ok() {
        let said = sandbox.run(&into).0;
        assert!(
            said.contains("`@DIR@/out` belongs to another user of this machine; nothing was imported\n"),
            "{said}"
        );
        assert!(said.contains("hint: `-y` writes it anyway\n--- exit 4\nno file changed\n"), "{said}");
    }
    fs::set_permissions(&out, fs::Permissions::from_mode(0o644)).unwrap();
    let said = done(&sandbox, &format!("{into} -y"));
    assert!(
        said.contains("warning: other users can read `@DIR@/out`, which contains credentials\n"),
        "{said}"
    );
}

#[test]
fn lint_says_it_too() {
    let text = "\
users:
- {name: u, user: {auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}}}
- {name: v, user: {tokenFile: /etc/x}}
- {name: w, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, env: [{name: LD_PRELOAD, value: x}]}}}
";
    let said = Sandbox::with(text).run("lint --select KCX319,KCX320,KCX321").0;
    for code in ["KCX319", "KCX320", "KCX321"] {
        assert!(said.contains(code), "{said}");
    }
}

/// A context that borrows a user of mine, in a file that a pattern of the settings finds.
fn found_by(pattern: &str, file: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(MINE)
        .file(file, TRAINING)
        .file("settings/config.yaml", &format!("discovery: ['{pattern}']\n"));
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox
}

#[test]
fn a_found_file_is_found_however_its_pattern_is_spelled() {
    for (pattern, file) in [
        ("~/team/*.yaml", "team/x.yaml"),
        ("~/team/../team/*.yaml", "team/x.yaml"),
        ("~//team/./*.yaml", "team/x.yaml"),
        ("team/x/../*.yaml", "team/x.yaml"),
        ("~/none/../../@HERE@/team/*.yaml", "team/x.yaml"),
    ] {
        let mut sandbox = found_by("~/nothing", file);
        let here = sandbox.path().file_name().unwrap().to_str().unwrap().to_owned();
        let settings = format!("discovery: ['{}']\n", pattern.replace("@HERE@", &here));
        fs::write(sandbox.path().join("settings/config.yaml"), settings).unwrap();
        let said = refused(&sandbox, "use training");
        assert!(said.contains("as your user `kubernetes-admin`"), "{pattern}: {said}");
        // The home folder can be spelled oddly, too.
        sandbox.env.home = Some(sandbox.path().join("team/..").into());
        let said = refused(&sandbox, "use training");
        assert!(said.contains("as your user `kubernetes-admin`"), "{pattern}: {said}");
    }
}

#[test]
fn a_permission_is_for_the_file_that_was_shown() {
    let found = "\
clusters: [{name: f, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: f, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./p, interactiveMode: Never}}}]
contexts: [{name: found, context: {cluster: f, user: f}}]
";
    let sandbox = found_by("~/d*/*.yaml", "d1/f.yaml").file("d1/f.yaml", found);
    done(&sandbox, "use found --global --allow-exec=@DIR@/d1/p");
    done(&sandbox, "use mine --global");
    done(&sandbox, "use found --global");
    fs::create_dir(sandbox.path().join("d2")).unwrap();
    fs::rename(sandbox.path().join("d1/f.yaml"), sandbox.path().join("d2/f.yaml")).unwrap();
    done(&sandbox, "use mine --global");
    let said = refused(&sandbox, "use found");
    assert!(said.contains("--allow-exec=@DIR@/d2/p"), "{said}");
}

#[test]
fn one_context_without_a_permission_does_not_stop_the_others() {
    let sandbox = found_by("~/team/*.yaml", "team/x.yaml");
    let said = sandbox.run("exec mine training -o json -- true").0;
    assert!(said.contains("--- exit 1\n"), "{said}");
    let (json, _) = said.split_once("--- stderr").unwrap();
    let report: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(report[0]["exitCode"], 0, "{report}");
    assert!(report[1]["error"].as_str().unwrap().contains("as your user `kubernetes-admin`"), "{report}");
    let said = sandbox.run("exec mine training --allow-user=kubernetes-admin -o json -- true").0;
    assert!(said.contains("--- exit 0\n"), "{said}");
}

#[test]
fn an_empty_name_has_no_flag_that_permits_it_alone() {
    let user = "\
users:
- name: u
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, env: [{name: '', value: x}], interactiveMode: Never}}
";
    let sandbox = sandbox(user);
    let said = refused(&sandbox, "import in/x.yaml --allow-exec=aws");
    assert!(
        said.contains(
            "hint: `--allow-env` permits that; a flag without a value permits anything of its kind\n"
        ),
        "{said}"
    );
}

#[test]
fn a_merge_puts_no_file_into_a_kubeconfig_in_use_that_is_no_certificate() {
    let foreign = "\
clusters:
- name: new
  cluster: {server: 'https://new.example', certificate-authority: ../secret.txt}
";
    let sandbox = sandbox(foreign).file("secret.txt", "hunter2\n");
    let merge = "merge .kube/config in/x.yaml -O .kube/config --flatten".to_owned();
    let merge = merge.replace(".kube", "@DIR@/.kube").replace("in/", "@DIR@/in/");
    let said = refused(&sandbox, &merge);
    assert!(
        said.contains("embeds `@DIR@/secret.txt` as its certificate-authority, although it is not one"),
        "{said}"
    );
    done(&sandbox, &format!("{merge} --allow-file=@DIR@/secret.txt -y"));
}
