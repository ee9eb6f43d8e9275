//! `kcx credential seal` and `unseal`: every byte back, and nothing lost, whatever the keychain does.

use crate::common::Sandbox;
use kcx::cli::World;
use kcx::cli::credential::Keychains;
use kcx::cli::credential::seal::{SealArgs, seal};
use kcx::cli::credential::unseal::{UnsealArgs, unseal};
use kcx::credential::entry::Reference;
use kcx::credential::{Bundle, CredentialStore, Keychain, KeychainError, Timed, record};
use kcx::kubeconfig::{Document, Kind};
use kcx::secret::Secret;
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

const TOKEN: &str = "a-token-that-nobody-may-see";
const KEY: &str = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCnRoZSBrZXkKLS0tLS1FTkQgUFJJVkFURSBLRVktLS0tLQo=";
const CERTIFICATE: &str =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCnRoZSBjZXJ0Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K";

/// As people write it: comments, quotes, an order of its own, fields that kubectl does not know.
fn config() -> String {
    format!(
        "# mine\napiVersion: v1\nkind: Config\ncurrent-context: one\nclusters:\n- name: c\n  cluster: {{server: 'https://c'}}\n\
         contexts:\n- name: one\n  context: {{cluster: c, user: tokens}}\n- name: two\n  context: {{cluster: c, user: certs}}\n\
         users:\n- name: tokens # the bot\n  user:\n    # from the vault\n    token: '{TOKEN}' # until May\n    as: someone\n    odd: field\n\
         - user:\n    client-key-data: \"{KEY}\"\n    as-groups: [a]\n    client-certificate-data: {CERTIFICATE}\n  name: certs\n\
         - name: basic\n  user: {{username: u, password: p}}\n- name: empty\n  user: {{}}\n"
    )
}

/// What a keychain does at its nth call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Harm {
    None,
    Fails,
    Denies,
    Locks,
    Lies,
    Forgets,
    Hangs,
}

/// A keychain in memory that does harm from its nth call on.
struct Chain {
    items: Mutex<BTreeMap<String, Secret>>,
    harm: Harm,
    from: usize,
    room: usize,
    calls: AtomicUsize,
    /// Who hangs waits for this.
    end: (Mutex<bool>, Condvar),
}

impl Chain {
    fn new(harm: Harm, from: usize, room: usize) -> Arc<Chain> {
        Arc::new(Chain {
            items: Mutex::default(),
            harm,
            from,
            room,
            calls: AtomicUsize::new(0),
            end: (Mutex::new(false), Condvar::new()),
        })
    }

    fn good() -> Arc<Chain> {
        Chain::new(Harm::None, 0, 1 << 20)
    }

    fn names(&self) -> Vec<String> {
        self.items.lock().unwrap().keys().cloned().collect()
    }

    /// The harm to do now.
    fn harm(&self) -> Result<Harm, KeychainError> {
        if self.calls.fetch_add(1, Ordering::SeqCst) < self.from {
            return Ok(Harm::None);
        }
        match self.harm {
            Harm::Fails => Err(KeychainError::Failed("broken".to_owned())),
            Harm::Denies => Err(KeychainError::Denied("not you".to_owned())),
            Harm::Locks => Err(KeychainError::Locked("shut".to_owned())),
            Harm::Hangs => {
                let mut ended = self.end.0.lock().unwrap();
                while !*ended {
                    ended = self.end.1.wait(ended).unwrap();
                }
                Err(KeychainError::Failed("late".to_owned()))
            }
            harm => Ok(harm),
        }
    }
}

impl Keychain for Chain {
    fn room(&self) -> usize {
        self.room
    }

    fn read(&self, item: &str) -> Result<Secret, KeychainError> {
        let harm = self.harm()?;
        let found = self.items.lock().unwrap().get(item).cloned().ok_or(KeychainError::NotFound)?;
        match harm {
            Harm::Lies => {
                let mut bytes = found.bytes().to_vec();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                Ok(Secret::from(bytes))
            }
            Harm::Forgets => Err(KeychainError::NotFound),
            _ => Ok(found),
        }
    }

    fn write(&self, item: &str, _: &str, secret: &Secret) -> Result<(), KeychainError> {
        if self.harm()? != Harm::Forgets {
            self.items.lock().unwrap().insert(item.to_owned(), secret.clone());
        }
        Ok(())
    }

    fn remove(&self, item: &str) -> Result<(), KeychainError> {
        self.harm()?;
        self.items.lock().unwrap().remove(item).map(drop).ok_or(KeychainError::NotFound)
    }

    fn items(&self) -> Result<Vec<String>, KeychainError> {
        self.harm()?;
        Ok(self.names())
    }
}

/// What a command came to: its exit code and what it said.
fn run(
    sandbox: &Sandbox,
    keychain: Arc<dyn Keychain>,
    command: impl FnOnce(&mut Keychains, &mut World<'_>) -> Result<(), kcx::cli::error::Error>,
) -> (i32, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut world = World::new(&sandbox.env, &mut out, &mut err, "credential".to_owned());
    let code = match command(&mut Keychains::fixed(keychain), &mut world) {
        Ok(()) => 0,
        Err(error) => world.fail(&error),
    };
    out.extend(err);
    (code, String::from_utf8(out).unwrap())
}

fn seal_all(sandbox: &Sandbox, keychain: Arc<dyn Keychain>) -> (i32, String) {
    let args = SealArgs { all: true, ..SealArgs::default() };
    let args = SealArgs { command: Some("/opt/kcx-credential".to_owned()), ..args };
    run(sandbox, keychain, |keychains, world| seal(&args, keychains, world))
}

fn seal_one(sandbox: &Sandbox, keychain: Arc<dyn Keychain>, user: &str) -> (i32, String) {
    let command = Some("/opt/kcx-credential".to_owned());
    let args = SealArgs { users: vec![user.to_owned()], command, ..SealArgs::default() };
    run(sandbox, keychain, |keychains, world| seal(&args, keychains, world))
}

fn unseal_all(sandbox: &Sandbox, keychain: Arc<dyn Keychain>) -> (i32, String) {
    let args = UnsealArgs { all: true, ..UnsealArgs::default() };
    run(sandbox, keychain, |keychains, world| unseal(&args, keychains, world))
}

fn text(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path().join(".kube/config")).unwrap()
}

fn references(text: &str) -> Vec<Reference> {
    let document = Document::parse(text.as_bytes().to_vec()).unwrap();
    let bodies = (0..document.len(Kind::User)).map(|index| document.body(Kind::User, index).unwrap());
    bodies.filter_map(|body| Reference::of(&body)).collect()
}

#[test]
fn sealed_and_unsealed_is_what_it_was_to_the_byte() {
    for (name, text) in [
        ("as people write it", config()),
        ("CRLF", config().replace('\n', "\r\n")),
        ("with a mark", format!("\u{feff}{}", config())),
        ("no line end", config().trim_end().to_owned()),
        ("kubectl's own", include_str!("fixtures/valid/kubectl-three-contexts.yaml").to_owned()),
        (
            "JSON",
            format!(
                "{{\"users\":[{{\"name\":\"tokens\",\"user\":{{\"token\":\"{TOKEN}\",\"as\":\"x\"}}}}],\"contexts\":[]}}"
            ),
        ),
        (
            "a block of text",
            format!(
                "users:\n- name: t\n  user:\n    token: >-\n      {TOKEN}\n    as: x\n- name: u\n  user:\n    token: {TOKEN}2\n"
            ),
        ),
    ] {
        let sandbox = Sandbox::with(&text);
        let chain = Chain::good();
        let (code, said) = seal_all(&sandbox, Arc::clone(&chain) as _);
        assert_eq!(code, 0, "{name}: {said}");
        let sealed = self::text(&sandbox);
        let count = references(&sealed).len();
        assert!(count > 0 && chain.names().len() == count, "{name}: {said}\n{sealed}");
        for secret in [TOKEN, KEY, CERTIFICATE] {
            assert!(!sealed.contains(secret) && !said.contains(secret), "{name}:\n{sealed}\n{said}");
        }
        // Again, there is nothing to do.
        assert_eq!(seal_all(&sandbox, Arc::clone(&chain) as _).0, 0);
        assert_eq!(self::text(&sandbox), sealed, "{name}");
        let (code, said) = unseal_all(&sandbox, Arc::clone(&chain) as _);
        assert_eq!(code, 0, "{name}: {said}");
        assert_eq!(self::text(&sandbox), text, "{name}");
        assert_eq!(chain.names(), Vec::<String>::new(), "{name}");
        assert!(!said.contains(TOKEN));
    }
}

/// kcx was moved, or installed with another method.
#[test]
fn sealing_again_names_a_program_that_exists() {
    let sandbox = Sandbox::with(&config());
    let chain = Chain::good();
    assert_eq!(seal_one(&sandbox, Arc::clone(&chain) as _, "tokens").0, 0);
    let sealed = text(&sandbox);
    let (code, said) = seal_one(&sandbox, Arc::clone(&chain) as _, "tokens");
    assert!(code == 0 && said.contains("already sealed") && text(&sandbox) == sealed, "{said}");
    for all in [false, true] {
        let command = format!("/opt/{all}/kcx-credential");
        let users = if all { Vec::new() } else { vec!["tokens".to_owned()] };
        let args = SealArgs { users, all, command: Some(command.clone()), ..SealArgs::default() };
        let (code, said) =
            run(&sandbox, Arc::clone(&chain) as _, |keychains, world| seal(&args, keychains, world));
        assert_eq!(code, 0, "{said}");
        assert!(text(&sandbox).contains(&command), "{}", text(&sandbox));
        assert!(!text(&sandbox).contains("command: /opt/kcx-credential"), "{}", text(&sandbox));
    }
    assert_eq!(unseal_all(&sandbox, chain as _).0, 0);
    assert_eq!(text(&sandbox), config());
}

#[test]
fn a_renamed_user_and_an_edited_file_get_their_values_back() {
    let sandbox = Sandbox::with(&config());
    let chain = Chain::good();
    seal_all(&sandbox, Arc::clone(&chain) as _);
    let renamed = sandbox.run("rename user tokens robots").0;
    assert!(renamed.contains("exit 0"), "{renamed}");
    let path = sandbox.path().join(".kube/config");
    // Somebody writes the entry anew, as kubectl would.
    fs::write(
        &path,
        self::text(&sandbox).replace("interactiveMode: Never\n", "interactiveMode: Never # mine\n"),
    )
    .unwrap();
    let (code, said) = unseal_all(&sandbox, Arc::clone(&chain) as _);
    assert_eq!(code, 0, "{said}");
    let text = self::text(&sandbox);
    assert!(references(&text).is_empty(), "{text}");
    let document = Document::parse(text.clone().into_bytes()).unwrap();
    let index = document.find(Kind::User, "robots").expect("its new name");
    let body = document.body(Kind::User, index).unwrap();
    assert_eq!(body["token"], TOKEN);
    assert_eq!(body["as"], "someone");
    assert!(text.contains(KEY) && text.contains(CERTIFICATE));
}

#[test]
fn what_cannot_be_sealed_is_refused_with_the_reason() {
    let sandbox = Sandbox::with(&config());
    let chain = Chain::good();
    let (code, said) = seal_one(&sandbox, Arc::clone(&chain) as _, "basic");
    assert_eq!(code, 1);
    assert!(said.contains("username and password") && said.contains("nothing was sealed"), "{said}");
    assert_eq!(seal_one(&sandbox, Arc::clone(&chain) as _, "nobody").0, 3);
    assert_eq!(seal_one(&sandbox, Arc::clone(&chain) as _, "empty").0, 0);
    assert_eq!(text(&sandbox), config());
    assert!(chain.names().is_empty());
    let kuberc =
        "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n";
    let mut denied = Sandbox::with(&config()).file(".kube/kuberc", kuberc);
    denied.env.kuberc = None;
    let (code, said) = seal_one(&denied, Arc::clone(&chain) as _, "tokens");
    assert!(
        code == 1 && said.contains("DenyAll`, and kcx does not loosen that; nothing was sealed"),
        "{said}"
    );
    assert!(!said.contains("--to-kuberc") && said.contains("edit that file"), "{said}");
    assert_eq!(text(&denied), config());
    assert!(chain.names().is_empty());
}

/// Seals with a keychain that goes wrong at its nth call, for every n and in every way: the kubeconfig is untouched, or
/// what it leads to is there.
#[test]
fn a_keychain_that_goes_wrong_at_any_call_loses_nothing() {
    for room in [1 << 20, 400] {
        for harm in [Harm::Fails, Harm::Denies, Harm::Locks, Harm::Lies, Harm::Forgets] {
            for from in 0.. {
                let sandbox = Sandbox::with(&config());
                let chain = Chain::new(harm, from, room);
                let (code, said) = seal_all(&sandbox, Arc::clone(&chain) as _);
                let (sealed, at) = (text(&sandbox), format!("{harm:?} from call {from}: {said}"));
                if chain.calls.load(Ordering::SeqCst) <= from {
                    assert_eq!(code, 0, "{at}");
                    break;
                }
                if code != 0 {
                    assert_eq!(code, 6, "{at}");
                    assert_eq!(sealed, config(), "{at}");
                }
                let whole = Chain::new(Harm::None, 0, room);
                whole.items.lock().unwrap().clone_from(&chain.items.lock().unwrap());
                for reference in references(&sealed) {
                    let kept = record::get(&*whole, &reference.id).unwrap_or_else(|_| panic!("{at}: lost"));
                    assert!(Bundle::decode(&kept, &reference.id).is_some(), "{at}");
                }
            }
        }
    }
}

/// And back again: a kubeconfig without the secret has it in the keychain still.
#[test]
fn unsealing_with_a_keychain_that_goes_wrong_loses_nothing() {
    for room in [1 << 20, 400] {
        for harm in [Harm::Fails, Harm::Denies, Harm::Locks, Harm::Lies, Harm::Forgets] {
            for from in 0.. {
                let sandbox = Sandbox::with(&config());
                let good = Chain::new(Harm::None, 0, room);
                seal_all(&sandbox, Arc::clone(&good) as _);
                let sealed = text(&sandbox);
                let chain = Chain::new(harm, from, room);
                chain.items.lock().unwrap().clone_from(&good.items.lock().unwrap());
                let (code, said) = unseal_all(&sandbox, Arc::clone(&chain) as _);
                let at = format!("{harm:?} from call {from}: {said}");
                if chain.calls.load(Ordering::SeqCst) <= from {
                    assert_eq!(code, 0, "{at}");
                    break;
                }
                match code {
                    0 => assert_eq!(text(&sandbox), config(), "{at}"),
                    code => {
                        assert_eq!((code, text(&sandbox)), (6, sealed), "{at}");
                        assert_eq!(chain.names(), good.names(), "{at}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_keychain_that_hangs_is_given_up() {
    for from in 0..4 {
        let sandbox = Sandbox::with(&config());
        let chain = Chain::new(Harm::Hangs, from, 1 << 20);
        let timed = Arc::new(Timed::new(Arc::clone(&chain) as _, Duration::from_millis(50)));
        let (code, said) = seal_all(&sandbox, timed);
        assert_eq!((code, text(&sandbox)), (6, config()), "{said}");
        assert!(said.contains("no response within"), "{said}");
        *chain.end.0.lock().unwrap() = true;
        chain.end.1.notify_all();
    }
}

#[test]
fn two_at_once_seal_each_user_once() {
    for _ in 0..10 {
        let sandbox = Sandbox::with(&config());
        let chain = Chain::good();
        std::thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| seal_all(&sandbox, Arc::clone(&chain) as _)));
            for one in both {
                let (code, said) = one.join().unwrap();
                assert!(code == 0, "{said}");
            }
        });
        let mut led: Vec<String> = references(&text(&sandbox)).into_iter().map(|it| it.id).collect();
        led.sort();
        assert_eq!(led.len(), 2);
        assert_eq!(chain.names(), led);
    }
}

#[test]
fn what_a_store_cannot_take_at_once_is_kept_in_parts() {
    let long = "x".repeat(64 << 10);
    let chain = Chain::new(Harm::None, 0, 2_000);
    for secret in [long.as_str(), "short", &long[..2_000]] {
        let secret = Secret::from(secret);
        record::put(&*chain, "u.1", "label", &secret).unwrap();
        assert!(record::get(&*chain, "u.1").unwrap() == secret);
        assert!(chain.items.lock().unwrap().values().all(|item| item.bytes().len() <= 2_000));
        let header = chain.items.lock().unwrap()["u.1"].clone();
        let parts = header.text().unwrap().split(' ').nth(1).unwrap().parse::<usize>().unwrap();
        assert_eq!(chain.names().len(), parts + 1, "parts of the secret before are gone");
    }
    record::remove(&*chain, "u.1").unwrap();
    assert!(chain.names().is_empty());
    assert_eq!(record::get(&*chain, "u.1"), Err(KeychainError::NotFound));
}

#[test]
fn contents_of_files_go_too_if_asked_and_come_back_as_paths_or_as_data() {
    let text = "users:\n- name: f\n  user:\n    tokenFile: secret/token\ncontexts: []\n";
    let sandbox = Sandbox::with(text).file(".kube/secret/token", "from-a-file\n");
    let chain = Chain::good();
    let (code, said) = seal_one(&sandbox, Arc::clone(&chain) as _, "f");
    assert!(code == 0 && said.contains("--files"), "{said}");
    assert_eq!(self::text(&sandbox), text);
    let command = Some("/opt/kcx-credential".to_owned());
    let args = SealArgs { users: vec!["f".to_owned()], files: true, command, ..SealArgs::default() };
    let (code, said) =
        run(&sandbox, Arc::clone(&chain) as _, |keychains, world| seal(&args, keychains, world));
    assert!(code == 0 && said.contains("still contain secrets"), "{said}");
    let id = references(&self::text(&sandbox))[0].id.clone();
    let bundle = Bundle::decode(&record::get(&*chain, &id).unwrap(), &id).unwrap();
    assert_eq!(bundle.token(), Some("from-a-file".into()));
    fs::remove_file(sandbox.path().join(".kube/secret/token")).unwrap();
    let (code, said) = unseal_all(&sandbox, Arc::clone(&chain) as _);
    assert_eq!(code, 0, "{said}");
    assert!(self::text(&sandbox).contains("token: from-a-file"), "{}", self::text(&sandbox));
}

#[test]
fn encrypted_files_need_their_passphrase() {
    let sandbox = Sandbox::with(&config()).file("pass", "open sesame\nrest\n").file("wrong", "nope\n");
    let mut sandbox = sandbox;
    sandbox.env.data = Some(sandbox.path().join("data"));
    let sealed = sandbox
        .run("credential seal tokens --store file --passphrase-file @DIR@/pass --command /opt/kcx-credential")
        .0;
    assert!(sealed.contains("exit 0"), "{sealed}");
    let id = references(&text(&sandbox))[0].id.clone();
    assert_eq!(references(&text(&sandbox))[0].place, CredentialStore::File);
    // The request as kubectl sends it.
    let info =
        r#"{"apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"https://c"}}}"#;
    sandbox.env.exec_info = Some(info.into());
    let exec =
        |file: &str| sandbox.run(&format!("credential exec --store=file --passphrase-file={file} {id}")).0;
    let answer = exec("@DIR@/pass");
    assert!(answer.contains(TOKEN) && answer.contains("exit 0"), "{answer}");
    let answer = exec("@DIR@/wrong");
    assert!(
        !answer.contains(TOKEN) && answer.contains("exit 6") && answer.contains("passphrase"),
        "{answer}"
    );
    let nobody = sandbox.run(&format!("credential exec --store=file {id}")).0;
    assert!(nobody.contains("exit 6") && nobody.contains("--passphrase-file"), "{nobody}");
    sandbox.env.exec_info = None;
    let list = sandbox.run("credential list --store file --passphrase-file @DIR@/pass").0;
    assert!(list.contains("tokens   file    sealed"), "{list}");
    let list = sandbox.run("credential list --store file --passphrase-file @DIR@/wrong").0;
    assert!(list.contains("tokens   file    wrong passphrase"), "{list}");
    let get = sandbox.run("credential get tokens --passphrase-file @DIR@/wrong").0;
    assert!(get.contains("error: cannot open the encrypted files: wrong passphrase\n"), "{get}");
    let get = sandbox.run("credential get tokens --passphrase-file @DIR@/pass").0;
    assert!(get.starts_with(&format!("{TOKEN}\n")), "{get}");
    let gone = sandbox.run("credential remove tokens -y --passphrase-file @DIR@/pass --store file").0;
    assert!(gone.contains("exit 0"), "{gone}");
    assert!(!text(&sandbox).contains("exec:"), "{}", text(&sandbox));
    let back = sandbox.run(&format!("credential exec --store=file --passphrase-file=@DIR@/pass {id}")).0;
    assert!(back.contains("exit 6") && back.contains("is no longer in"), "{back}");
}

#[test]
fn an_entry_whose_credential_is_gone_is_named_with_what_to_type() {
    let mut sandbox = Sandbox::with(&config()).file("pass", "open sesame\n");
    sandbox.env.data = Some(sandbox.path().join("data"));
    let flags = "--store file --passphrase-file @DIR@/pass";
    let sealed = sandbox.run(&format!("credential seal --all {flags} --command /opt/kcx-credential")).0;
    assert!(sealed.contains("exit 0"), "{sealed}");
    // One is gone, and nothing leads to the other any more.
    let ids: Vec<String> = references(&text(&sandbox)).into_iter().map(|it| it.id).collect();
    fs::remove_file(sandbox.path().join(format!("data/credentials/{}.age", ids[0]))).unwrap();
    let certs = text(&sandbox);
    fs::write(sandbox.path().join(".kube/config"), certs.replace(&ids[1], "certs.another")).unwrap();
    let pruned = sandbox.run(&format!("credential list --prune -y {flags}")).0;
    for said in [
        "tokens   file    missing",
        "user `tokens` of `@DIR@/.kube/config` refers to a credential that is no longer in file",
        "`kcx credential set tokens` stores a new one; `kcx credential remove tokens` removes the reference",
        "user `certs` of",
    ] {
        assert!(pruned.contains(said), "no `{said}` in {pruned}");
    }
    assert!(pruned.contains(&format!("removed `{}` from file", ids[1])), "{pruned}");
    // Both ways out are open.
    let gone = sandbox.run(&format!("credential remove tokens certs -y {flags}")).0;
    assert!(gone.contains("exit 0"), "{gone}");
    assert_eq!(references(&text(&sandbox)), []);
    let clean = sandbox.run(&format!("credential list --prune {flags}")).0;
    assert!(clean.contains("there are no orphaned credentials") && clean.contains("exit 0"), "{clean}");
}

#[test]
fn of_all_users_those_that_cannot_be_sealed_stay_and_the_others_are_sealed() {
    let odd = "- {name: no-pem, user: {client-certificate-data: /w==, client-key-data: QUJD}}\n\
        - {name: anchored, user: &a {token: anchored-token}}\n";
    let again = "- {name: again, user: *a}\n";
    let sandbox = Sandbox::with(&(config() + odd + again));
    let chain = Chain::good();
    let (code, said) = seal_all(&sandbox, Arc::clone(&chain) as _);
    assert_eq!((code, references(&text(&sandbox)).len(), chain.names().len()), (0, 3, 3), "{said}");
    for said_of in
        ["user `anchored` of", "sealed user `again` in", "of user `no-pem` is not PEM; it stays as it is"]
    {
        assert!(said.contains(said_of), "no `{said_of}` in {said}");
    }
    assert!(text(&sandbox).contains(odd), "{}", text(&sandbox));
    // Alone, it is the end.
    let alone = Sandbox::with(&(config() + odd + again));
    let (code, said) = seal_one(&alone, Chain::good() as _, "anchored");
    assert!(code == 1 && said.contains("anchor") && said.contains("nothing was sealed"), "{said}");
    assert!(!said.contains("anchored-token"), "{said}");
    assert_eq!(text(&alone), config() + odd + again);
}

#[test]
fn users_that_share_a_credential_are_unsealed_each_for_itself() {
    let sandbox = Sandbox::with(&config());
    let chain = Chain::good();
    assert_eq!(seal_one(&sandbox, Arc::clone(&chain) as _, "tokens").0, 0);
    let shared = sandbox.run("copy user tokens twin").0;
    assert!(shared.contains("share one sealed credential"), "{shared}");
    let one = UnsealArgs { users: vec!["twin".to_owned()], ..UnsealArgs::default() };
    let (code, said) =
        run(&sandbox, Arc::clone(&chain) as _, |keychains, world| unseal(&one, keychains, world));
    assert_eq!(code, 0, "{said}");
    // The other one needs it still.
    assert_eq!((references(&text(&sandbox)).len(), chain.names().len()), (1, 1), "{}", text(&sandbox));
    let (code, said) = unseal_all(&sandbox, Arc::clone(&chain) as _);
    assert_eq!(code, 0, "{said}");
    assert_eq!((text(&sandbox).matches(TOKEN).count(), chain.names().len()), (2, 0), "{}", text(&sandbox));
    assert!(text(&sandbox).starts_with(config().trim_end()), "{}", text(&sandbox));
    // And both at once.
    assert_eq!(sandbox.run("config unset users.twin").0.matches("exit 0").count(), 1);
    assert_eq!(seal_one(&sandbox, Arc::clone(&chain) as _, "tokens").0, 0);
    sandbox.run("copy user tokens twin");
    let (code, said) = unseal_all(&sandbox, Arc::clone(&chain) as _);
    assert_eq!(code, 0, "{said}");
    assert_eq!((text(&sandbox).matches(TOKEN).count(), chain.names().len()), (2, 0), "{}", text(&sandbox));
}

#[test]
fn merging_says_whose_credentials_do_not_travel() {
    let sandbox = Sandbox::with(&config()).file("other", "users:\n- name: o\n  user: {token: t}\n");
    assert_eq!(seal_one(&sandbox, Chain::good() as _, "tokens").0, 0);
    for words in ["merge @DIR@/.kube/config @DIR@/other", "merge @DIR@/other @DIR@/.kube/config -O @DIR@/out"]
    {
        let said = sandbox.run(words).0;
        assert!(
            said.contains("user `tokens` is sealed: on another machine") && said.contains("exit 0"),
            "{said}"
        );
    }
    let said = sandbox.run("merge @DIR@/other").0;
    assert!(!said.contains("sealed"), "{said}");
}

#[test]
fn what_is_wrong_on_the_command_line_is_said() {
    let sandbox = Sandbox::with(&config());
    for (words, want) in [
        ("credential seal", "no user was named"),
        ("credential seal tokens --store nowhere", "keychain, keyutils or file"),
        ("credential seal tokens --command ./kcx-credential", "cannot be the command of a sealed user"),
        ("credential remove tokens -o wide", "-o"),
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains(want) && said.contains("exit 2"), "{words}: {said}");
    }
    let said = sandbox.run("credential get tokens").0;
    assert!(said.contains("is not sealed") && said.contains("exit 1"), "{said}");
}

#[test]
fn who_has_sealed_nothing_hears_nothing_of_keychains() {
    let mut sandbox = Sandbox::with(&config());
    sandbox.env.data = Some(sandbox.path().join("data"));
    for words in ["credential list", "credential list --store file"] {
        sandbox.run(words).shows(
            "--- stderr\nnothing is sealed; `kcx credential seal USER` seals a user\n--- exit 0\nno file changed\n",
        );
    }
}

#[test]
fn a_passphrase_is_needed_only_to_decrypt() {
    let mut sandbox = Sandbox::with(&config()).file("pass", "open sesame\n");
    sandbox.env.data = Some(sandbox.path().join("data"));
    let flags = "--store file --passphrase-file @DIR@/pass";
    let sealed = sandbox.run(&format!("credential seal tokens {flags} --command /opt/kcx-credential")).0;
    assert!(sealed.contains("exit 0") && sealed.contains("to the encrypted files; valid for "), "{sealed}");
    // The entry names the file of the passphrase, whatever the store for new secrets is.
    for words in ["credential list", "credential list --store file"] {
        let list = sandbox.run(words).0;
        assert!(list.contains("tokens   file    sealed"), "{list}");
        assert!(!list.contains("warning") && list.contains("--- exit 0"), "{list}");
    }
    // What is not there is said before anything is asked.
    for words in ["credential remove zz", "credential remove zz --store file", "credential remove zz -y"] {
        let said = sandbox.run(words).0;
        assert!(said.starts_with("--- stderr\nerror: no user named `zz`\n"), "{said}");
        assert!(said.ends_with("--- exit 3\nno file changed\n"), "{said}");
    }
}
