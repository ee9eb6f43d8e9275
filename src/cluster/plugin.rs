//! Runs an exec plugin once, as kubectl does: with `KUBERNETES_EXEC_INFO`, and with an answer that must have the requested
//! version (`client.authentication.k8s.io`).

use super::failure::{Failure, PluginFailure};
use super::target::{Entry, Target};
use crate::codec::base64;
use crate::file::limits;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::{self, Exec, User};
use crate::kuberc::{Blocked, Gate};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::process::Stdio;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Whether a plugin may prompt the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// It may: stdin and stderr are the user's terminal, and nothing else uses it.
    Yours,
    /// It may not.
    Taken,
}

/// The answer of a plugin.
#[derive(Clone)]
pub(super) struct PluginCredential {
    pub(super) token: Option<SecretString>,
    /// A certificate and its key, both PEM.
    pub(super) identity: Option<(String, SecretString)>,
    pub(super) until: Option<Timestamp>,
}

/// The length of stderr that is shown, in bytes.
const COMPLAINT: usize = 600;

/// The `exec` entry of a user.
pub(super) struct Plugin<'t> {
    exec: Exec<'t>,
    target: &'t Target,
}

impl<'t> Plugin<'t> {
    /// The plugin of this user, if it has one.
    pub(super) fn of(target: &'t Target) -> Option<Plugin<'t>> {
        Some(Plugin { exec: User(&target.user.body).exec()?, target })
    }

    /// A key that is equal for all users who get the same credential, so that the plugin runs once for all of them.
    pub(super) fn key(&self) -> String {
        let cluster = self.exec.wants_cluster_info().then(|| Value::Object(self.target.cluster.body.clone()));
        json!([self.exec.0, self.program(), cluster]).to_string()
    }

    /// A bare name is searched in `PATH`; a relative path starts at the folder of the kubeconfig.
    fn program(&self) -> std::path::PathBuf {
        let command = self.exec.command();
        let is_path = command.contains(std::path::is_separator);
        if is_path { self.target.user.path(command) } else { command.into() }
    }

    fn failed(&self, failure: impl FnOnce(String) -> PluginFailure) -> Failure {
        Failure::Plugin(failure(self.exec.command().to_owned()))
    }

    fn invalid(&self, why: impl Into<String>) -> Failure {
        self.failed(|command| PluginFailure::Invalid { command, why: why.into() })
    }

    /// Runs the plugin. Dropping the future kills it.
    pub(super) async fn run(&self, terminal: Terminal, gate: &Gate) -> Result<PluginCredential, Failure> {
        let version = self.exec.api_version();
        if self.exec.command().is_empty() {
            return Err(Failure::Kubeconfig(format!(
                "user `{}` has an exec entry without a command",
                self.target.user_name
            )));
        }
        if !matches!(version, "client.authentication.k8s.io/v1" | "client.authentication.k8s.io/v1beta1") {
            return Err(self.invalid(format!("kubectl no longer supports the apiVersion `{version}`")));
        }
        let program = gate.admit(&self.program()).map_err(|blocked| {
            self.failed(|command| match blocked {
                Blocked::Refused(refusal) => PluginFailure::NotAllowed { command, refusal },
                Blocked::Missing(_) => PluginFailure::Missing {
                    command,
                    hint: crate::kubeconfig::secret::masked(self.exec.install_hint()).into_owned(),
                },
            })
        })?;
        let interactive = match self.exec.interactive_mode() {
            "Never" => false,
            "Always" if terminal == Terminal::Taken => {
                return Err(self.failed(|command| PluginFailure::NeedsTerminal { command }));
            }
            _ => terminal == Terminal::Yours,
        };
        #[expect(clippy::disallowed_methods, reason = "the plugin is the user's own")]
        let mut command = tokio::process::Command::new(program);
        #[cfg(unix)]
        command.arg0(self.program());
        command.kill_on_drop(true).stdout(Stdio::piped());
        if interactive {
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            // Processes that it starts end with it. A plugin that prompts stays in the process group of the terminal.
            #[cfg(unix)]
            command.process_group(0);
        }
        let list = |field: &str| self.exec.0.get(field).and_then(Value::as_array).into_iter().flatten();
        command.args(list(key::ARGS).filter_map(Value::as_str));
        command.envs(
            list(key::ENV).filter_map(|pair| Some((pair[key::NAME].as_str()?, pair[key::VALUE].as_str()?))),
        );
        command.env("KUBERNETES_EXEC_INFO", self.info(version, interactive)? + "\n");
        let mut child = command.spawn().map_err(|error| {
            self.failed(|command| match error.kind() {
                std::io::ErrorKind::NotFound => PluginFailure::Missing {
                    command,
                    hint: crate::kubeconfig::secret::masked(self.exec.install_hint()).into_owned(),
                },
                _ => PluginFailure::NotStarted { command, why: error.to_string() },
            })
        })?;
        let mut group = Group(child.id().filter(|_| !interactive));
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (status, stdout, stderr) = tokio::join!(child.wait(), whole(stdout), whole(stderr));
        // Processes that outlive a finished plugin are its own business.
        group.0 = None;
        let code = status.map(|status| (status.success(), status.code())).unwrap_or_default();
        if !code.0 {
            let stderr = end_of(&String::from_utf8_lossy(&stderr));
            return Err(self.failed(|command| PluginFailure::Failed { command, code: code.1, stderr }));
        }
        self.understand(&stdout, version)
    }

    fn info(&self, version: &str, interactive: bool) -> Result<String, Failure> {
        let mut spec = json!({"interactive": interactive});
        if self.exec.wants_cluster_info() {
            spec["cluster"] = cluster_info(&self.target.cluster)?;
        }
        Ok(json!({"kind": "ExecCredential", "apiVersion": version, "spec": spec}).to_string())
    }

    fn understand(&self, stdout: &[u8], version: &str) -> Result<PluginCredential, Failure> {
        // The parser's error is not shown: it may quote the secret.
        let credential: Credential = serde_json::from_slice(stdout)
            .ok()
            .or_else(|| serde_yaml::from_slice(stdout).ok())
            .ok_or_else(|| self.invalid("its output is not an ExecCredential"))?;
        if !credential.kind.is_empty() && credential.kind != "ExecCredential" {
            return Err(self.invalid("the kind of its output is not ExecCredential"));
        }
        if credential.api_version != version {
            return Err(self.invalid(format!("its output is not an ExecCredential of {version}")));
        }
        let status = credential.status.ok_or_else(|| self.invalid("its output has no `status`"))?;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (certificate, key) = (filled(status.client_certificate_data), filled(status.client_key_data));
        let identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, SecretString::from(key))),
            (None, None) => None,
            _ => {
                return Err(self
                    .invalid("its output has a certificate without a key, or a key without a certificate"));
            }
        };
        let token = filled(status.token).map(SecretString::from);
        if token.is_none() && identity.is_none() {
            return Err(self.invalid("its output has neither a token nor a certificate"));
        }
        let until = match status.expiration_timestamp {
            None => None,
            Some(text) => {
                let wrong = |_| self.invalid("its `expirationTimestamp` is not an RFC 3339 time");
                Some(text.parse::<Timestamp>().map_err(wrong)?)
            }
        };
        Ok(PluginCredential { token, identity, until })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    api_version: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// The process group of a running plugin, killed on drop.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) {
            // The process may have ended already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// `spec.cluster` of an ExecCredential; empty fields are omitted.
fn cluster_info(cluster: &Entry) -> Result<Value, Failure> {
    let mut info = Map::new();
    for field in [
        key::SERVER,
        key::TLS_SERVER_NAME,
        key::INSECURE_SKIP_TLS_VERIFY,
        key::PROXY_URL,
        key::DISABLE_COMPRESSION,
    ] {
        match cluster.body.get(field) {
            None | Some(Value::Null | Value::Bool(false)) => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(value) => {
                info.insert(field.to_owned(), value.clone());
            }
        }
    }
    if let Some(pem) = cluster.material(key::CERTIFICATE_AUTHORITY)? {
        let text = base64::encode(pem);
        info.insert(key::CERTIFICATE_AUTHORITY_DATA.to_owned(), text.into());
    }
    let extension = typed::Cluster(&cluster.body).extension("client.authentication.k8s.io/exec");
    if let Some(extension) = extension {
        info.insert(key::CONFIG.to_owned(), extension["extension"].clone());
    }
    Ok(Value::Object(info))
}

async fn whole(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What cannot be read is missing, and that is told.
        let _ = (&mut pipe).take(limits::PLUGIN_OUTPUT).read_to_end(&mut bytes).await;
        // The rest of a longer output is read and dropped, so that the program does not block.
        let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    }
    bytes
}

/// The last lines of stderr, which usually have the error.
fn end_of(text: &str) -> String {
    let text = text.trim();
    let mut from = text.len().saturating_sub(COMPLAINT);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    if from == 0 {
        return text.to_owned();
    }
    let rest = &text[from..];
    rest.split_once('\n').map_or(rest, |(_, lines)| lines).to_owned()
}
