//! Credentials in real keychains: gnome-keyring, the kernel's keyring, and encrypted files that `age` opens.

use crate::faults::at_every_call;
use crate::keychain::Desktop;
use crate::tools::{KCX, KCX_CREDENTIAL, complaint, fine};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

const TOKEN: &str = "tok-5d41402abc4b2a76b9719d911017c592";

fn config(token: &str) -> String {
    format!(
        "# mine\napiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {{server: 'https://c'}}\ncontexts:\n\
         - name: x\n  context: {{cluster: c, user: bot}}\ncurrent-context: x\nusers:\n- name: bot # ours\n  user:\n\
        \x20   token: {token} # until May\n    as: someone\n"
    )
}

fn desktop(token: &str) -> Desktop {
    let desktop = Desktop::new();
    fs::write(desktop.config(), config(token)).unwrap();
    desktop
}

/// The id of the one credential that is sealed.
fn id(desktop: &Desktop) -> String {
    fine(&desktop.kcx(&["credential", "list", "-o", "name"])).trim().to_owned()
}

/// The files below a folder that hold these bytes.
fn holding(folder: &Path, secret: &str) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && fs::read(entry.path()).is_ok_and(|bytes| has(&bytes, secret)) {
                found.push(entry.path().to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn has(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[test]
fn seahorse_shows_it_kubectl_gets_it_and_every_byte_comes_back() {
    let desktop = desktop(TOKEN);
    fine(&desktop.kcx(&["credential", "seal", "--all"]));
    let sealed = fs::read_to_string(desktop.config()).unwrap();
    assert!(sealed.contains("exec:") && !sealed.contains(TOKEN), "{sealed}");
    let file = desktop.config().to_string_lossy().into_owned();
    assert_eq!(desktop.labels(), [format!("kcx: user bot of {file}")]);
    let id = id(&desktop);
    for version in ["v1", "v1beta1"] {
        let api = format!("client.authentication.k8s.io/{version}");
        let info = format!(
            "{{\"apiVersion\":\"{api}\",\"kind\":\"ExecCredential\",\
             \"spec\":{{\"interactive\":false,\"cluster\":{{\"server\":\"https://c\"}}}}}}\n"
        );
        let mut command = desktop.command(KCX_CREDENTIAL);
        let answer = fine(&command.env("KUBERNETES_EXEC_INFO", info).args(["exec", &id]).output().unwrap());
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["apiVersion"], api);
        assert_eq!(answer["status"], serde_json::json!({ "token": TOKEN }));
    }
    // Moved and renamed, it is found still.
    let moved = desktop.home.path("elsewhere");
    fs::rename(desktop.config(), &moved).unwrap();
    let file = moved.to_string_lossy().into_owned();
    fine(&desktop.kcx(&["--kubeconfig", &file, "rename", "user", "bot", "robot"]));
    assert_eq!(
        fine(&desktop.kcx(&["--kubeconfig", &file, "credential", "get", "robot"])),
        format!("{TOKEN}\n")
    );
    fine(&desktop.kcx(&["--kubeconfig", &file, "rename", "user", "robot", "bot"]));
    fine(&desktop.kcx(&["--kubeconfig", &file, "credential", "unseal", "bot"]));
    assert_eq!(fs::read_to_string(&moved).unwrap(), config(TOKEN));
    assert!(desktop.labels().is_empty());
}

#[test]
fn large_secrets_are_taken_by_all_stores() {
    let token = "t".repeat(64 << 10);
    let desktop = desktop(&token);
    fs::write(desktop.home.path("pass"), "open sesame\n").unwrap();
    let pass = desktop.home.path("pass").to_string_lossy().into_owned();
    for flags in [vec![], vec!["--store", "file", "--passphrase-file", &pass]] {
        fine(&desktop.kcx(&[&["credential", "seal", "bot"], flags.as_slice()].concat()));
        assert_eq!(fine(&desktop.kcx(&["credential", "get", "bot"])), format!("{token}\n"));
        fine(&desktop.kcx(&["credential", "unseal", "bot"]));
        assert_eq!(fs::read_to_string(desktop.config()).unwrap(), config(&token));
    }
}

/// Runs in another user namespace: the kernel keeps its keys apart.
const APART: [&str; 3] = ["--user", "--map-root-user", "--"];

/// A session keyring of its own, as a login has one.
#[test]
fn the_kernel_keeps_it_in_a_session() {
    let mut desktop = desktop(TOKEN);
    desktop.log_out();
    // A key in the user's keyring does not belong to this session.
    let script = "set -e
        echo old | keyctl padd user keyring:old.abcdefghij@kcx @u
        grep -q old.abcdefghij /proc/keys
        keyctl session - bash -c \"$3\" bash \"$1\" \"$2\" \"$4\"";
    let within = "set -e
        \"$1\" credential seal bot --store keyutils
        ! grep -q tok- \"$HOME/.kube/config\"
        test \"$(\"$1\" credential get bot)\" = \"$2\"
        \"$1\" credential list | grep -q 'keyutils   sealed'
        id=$(\"$1\" credential list -o name)
        export KUBERNETES_EXEC_INFO='{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"spec\":{\"cluster\":{\"server\":\"https://c\"}}}'
        \"$3\" exec --store=keyutils \"$id\" | grep -q \"$2\"
        env -u KUBERNETES_EXEC_INFO \"$1\" credential unseal bot
        if \"$3\" exec --store=keyutils \"$id\"; then exit 9; else test $? = 6; fi";
    let words = ["bash", "-c", script, "bash", KCX, TOKEN, within, KCX_CREDENTIAL];
    let output = desktop.command("unshare").args(APART).args(words).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
    assert_eq!(fs::read_to_string(desktop.config()).unwrap(), config(TOKEN));
}

/// Without its own session keyring the kernel stores a key, but does not return it.
#[test]
fn a_kernel_that_refuses_keeps_nothing() {
    let mut desktop = desktop(TOKEN);
    desktop.log_out();
    // The kernel lists an unlinked key until its next grace period ends.
    let script = "\"$1\" credential seal bot --store keyutils; echo \"code $?\"; \
                  for _ in {1..100}; do grep -q keyring: /proc/keys || break; sleep 0.05; done; grep keyring: /proc/keys";
    let words = ["bash", "-c", script, "bash", KCX];
    let output = desktop.command("unshare").args(APART).args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &complaint(&output);
    assert!(said.contains("code 6") && said.contains("nothing was sealed"), "{said}");
    assert!(said.contains("keyctl session") && !said.contains("bot."), "{said}");
    assert_eq!(fs::read_to_string(desktop.config()).unwrap(), config(TOKEN));
}

#[test]
fn a_locked_keychain_and_none_at_all_are_said_with_exit_code_6() {
    let mut desktop = Desktop::with_passphrase("horse");
    fs::write(desktop.config(), config(TOKEN)).unwrap();
    fine(&desktop.kcx(&["credential", "seal", "bot"]));
    let (id, sealed) = (id(&desktop), fs::read_to_string(desktop.config()).unwrap());
    fine(&desktop.ask(&id, "https://c"));
    desktop.log_in();
    for output in [desktop.ask(&id, "https://c"), desktop.kcx(&["credential", "unseal", "bot"])] {
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(6), b"".as_slice()));
        assert!(complaint(&output).contains("locked"), "{}", complaint(&output));
    }
    // The locked one, which the bus has started, would stand in the way.
    desktop.log_in();
    desktop.unlock("horse");
    fine(&desktop.ask(&id, "https://c"));
    desktop.log_out();
    let output = desktop.ask(&id, "https://c");
    assert_eq!(output.status.code(), Some(6));
    assert!(complaint(&output).contains("Secret Service"), "{}", complaint(&output));
    assert_eq!(fs::read_to_string(desktop.config()).unwrap(), sealed);
    // The keychain is back, and the secret gone from it.
    desktop.log_in();
    desktop.unlock("horse");
    fine(&desktop.command("secret-tool").args(["clear", "service", "kcx"]).output().unwrap());
    let output = desktop.ask(&id, "https://c");
    assert_eq!(output.status.code(), Some(6));
    assert!(complaint(&output).contains("credential set"), "{}", complaint(&output));
    fine(&desktop.kcx_reads(&["credential", "set", "bot"], b"another-token\n"));
    assert!(fine(&desktop.ask(&id, "https://c")).contains("another-token"));
}

#[test]
fn no_file_and_no_process_shows_the_secret() {
    // Its own: other tests hand theirs to scripts meanwhile.
    const TOKEN: &str = "tok-98f13708210194c475687be6106a3b84";
    let desktop = desktop(TOKEN);
    // The journal has seen it.
    fine(&desktop.kcx(&["config", "set", "users.bot.token", TOKEN]));
    fine(&desktop.kcx(&["config", "set", "users.bot.token", "short"]));
    fine(&desktop.kcx(&["config", "set", "users.bot.token", TOKEN]));
    assert!(!holding(&desktop.home.path("state"), TOKEN).is_empty());
    let (stop, seen) = (AtomicBool::new(false), std::sync::Mutex::new(HashSet::new()));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for process in fs::read_dir("/proc").unwrap().flatten() {
                    for name in ["cmdline", "environ"] {
                        if fs::read(process.path().join(name)).is_ok_and(|bytes| has(&bytes, TOKEN)) {
                            seen.lock().unwrap().insert(process.file_name().as_bytes().to_vec());
                        }
                    }
                }
            }
        });
        fine(&desktop.kcx(&["credential", "seal", "--all"]));
        let id = id(&desktop);
        for _ in 0..5 {
            fine(&desktop.ask(&id, "https://c"));
        }
        fine(&desktop.kcx_reads(&["credential", "set", "bot"], TOKEN.as_bytes()));
        stop.store(true, Ordering::Relaxed);
    });
    assert!(seen.lock().unwrap().is_empty());
    // State, runtime and temporary folders are below the home here, and so is the encrypted keychain.
    assert_eq!(holding(desktop.home.dir.path(), TOKEN), Vec::<String>::new());
}

/// What kcx says, of a keychain that runs: gnome-keyring itself dies now and then when a client is killed, and is started
/// anew then, as at the next login.
fn asked(desktop: &mut Desktop, words: &[&str]) -> Output {
    let output = desktop.kcx(words);
    let dead = ["without replying", "is locked"].iter().any(|why| complaint(&output).contains(why));
    if output.status.code() != Some(6) || !dead {
        return output;
    }
    desktop.log_in();
    desktop.unlock("");
    desktop.kcx(words)
}

/// After a crash: the secret is in the kubeconfig, or the kubeconfig leads to it. True if that is so.
fn leads(desktop: &mut Desktop, fault: &str) -> bool {
    let text = fs::read_to_string(desktop.config()).unwrap();
    if text.contains(TOKEN) {
        assert_eq!(text, config(TOKEN), "{fault}");
        return false;
    }
    let got = asked(desktop, &["credential", "get", "bot"]);
    let token = String::from_utf8_lossy(&got.stdout).into_owned();
    assert_eq!(token, format!("{TOKEN}\n"), "{fault}: {}", complaint(&got));
    true
}

/// Then all is as it was before.
fn recover(desktop: &mut Desktop, fault: &str) {
    if leads(desktop, fault) {
        fine(&asked(desktop, &["credential", "unseal", "bot"]));
        assert_eq!(fs::read_to_string(desktop.config()).unwrap(), config(TOKEN), "{fault}");
    }
    let pruned = asked(desktop, &["credential", "list", "--prune", "-y", "-o", "json"]);
    let said = fine(&pruned) + &complaint(&pruned);
    assert_eq!(desktop.labels(), Vec::<String>::new(), "{fault}: {said}");
}

/// The calls at which kcx is killed, each standing for its family; with `KCX_LONG` more of them, for 500 runs and more in all.
fn calls() -> Vec<&'static str> {
    let mut calls = vec!["sendmsg", "fsync", "link", "rename", "unlink"];
    if std::env::var_os("KCX_LONG").is_some() {
        calls.extend([
            "recvmsg", "read", "write", "openat", "close", "statx", "epoll_", "futex", "mmap", "clone",
        ]);
    }
    calls
}

/// Kills kcx with these words at every call, and says how often.
fn killed(words: &[&str], prepare: impl Fn(&mut Desktop)) -> usize {
    let desktop = RefCell::new(desktop(TOKEN));
    prepare(&mut desktop.borrow_mut());
    let mut runs = 0;
    at_every_call(
        &calls(),
        &["signal=KILL"],
        &[],
        || {
            let variables = desktop.borrow().variables();
            let pairs = variables.iter().map(|(name, value)| format!("{name}={value}"));
            let env = ["env".to_owned(), "-i".to_owned()].into_iter().chain(pairs);
            env.chain(std::iter::once(KCX).chain(words.iter().copied()).map(str::to_owned)).collect()
        },
        |fault, _| {
            let mut desktop = desktop.borrow_mut();
            recover(&mut desktop, fault);
            prepare(&mut desktop);
            runs += 1;
        },
    );
    runs
}

#[test]
fn sealing_killed_at_any_step_loses_nothing() {
    let runs = killed(&["credential", "seal", "bot"], |_| {});
    println!("{runs} kills, none of which lost the secret");
}

#[test]
fn unsealing_killed_at_any_step_loses_nothing() {
    let runs = killed(&["credential", "unseal", "bot"], |desktop| {
        fine(&asked(desktop, &["credential", "seal", "bot"]));
    });
    println!("{runs} kills, none of which lost the secret");
}

/// What no call stands for: kills at any moment, between any two bytes.
#[test]
fn killed_at_random_moments_it_loses_nothing() {
    let mut desktop = desktop(TOKEN);
    let mut words = ["credential", "seal", "bot"];
    let began = Instant::now();
    fine(&desktop.kcx(&words));
    let whole = began.elapsed();
    fine(&desktop.kcx(&["credential", "unseal", "bot"]));
    let rounds = if std::env::var_os("KCX_LONG").is_some() { 1000 } else { 100 };
    let (mut random, mut done) = (u64::from(std::process::id()), 0);
    for round in 0..rounds {
        let mut command = desktop.command(KCX);
        let mut child = command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        thread::sleep(whole.mul_f64((random >> 33) as f64 / f64::from(1 << 30) * 0.6));
        child.kill().unwrap();
        child.wait().unwrap();
        let sealed = leads(&mut desktop, &format!("round {round}"));
        let next = if sealed { "unseal" } else { "seal" };
        done += usize::from(next != words[1]);
        words[1] = next;
    }
    recover(&mut desktop, "random kills");
    println!("{rounds} kills, after {done} of which the kubeconfig was the new one; none lost the secret");
}

#[test]
fn import_with_seal_writes_no_secret_and_the_second_changes_nothing() {
    let desktop = desktop("mine-0123456789");
    let other = config(TOKEN)
        .replace("bot", "guest")
        .replace("name: x", "name: z")
        .replace("name: c\n", "name: d\n")
        .replace("cluster: c", "cluster: d");
    let words = ["import", "-", "--seal", "-o", "json"];
    let report = fine(&desktop.kcx_reads(&words, other.as_bytes()));
    assert!(report.contains("\"changed\": true"), "{report}");
    let after = fs::read_to_string(desktop.config()).unwrap();
    assert!(!after.contains(TOKEN) && after.contains("guest"), "{after}");
    assert_eq!(holding(desktop.home.dir.path(), TOKEN), Vec::<String>::new());
    assert_eq!(fine(&desktop.kcx(&["credential", "get", "guest"])), format!("{TOKEN}\n"));
    let report = fine(&desktop.kcx_reads(&words, other.as_bytes()));
    assert!(report.contains("\"changed\": false"), "{report}");
    assert_eq!(fs::read_to_string(desktop.config()).unwrap(), after);
    assert_eq!(desktop.labels().len(), 1);
}
