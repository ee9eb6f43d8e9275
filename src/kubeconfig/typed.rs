//! Typed, read-only views of entries' bodies: an accessor for each field that the program reads.
//!
//! A field that is missing or has another type reads as empty, as in client-go after decoding.

use super::decode::Body;
use super::schema::key;
use serde_json::Value;

/// The text of a field; empty if the field is missing or is not a text.
#[must_use]
pub fn text<'b>(body: &'b Body, field: &str) -> &'b str {
    body.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn is_true(body: &Body, field: &str) -> bool {
    body.get(field) == Some(&Value::Bool(true))
}

fn list<'b>(body: &'b Body, field: &str) -> impl Iterator<Item = &'b Value> {
    body.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// The body of a context.
///
/// ```
/// use kcx::kubeconfig::typed::Context;
/// let body = serde_json::json!({"cluster": "c", "user": "u"});
/// let context = Context(body.as_object().expect("a mapping"));
/// assert_eq!((context.cluster(), context.user(), context.namespace()), ("c", "u", ""));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Context<'b>(pub &'b Body);

impl<'b> Context<'b> {
    /// The name of its cluster.
    #[must_use]
    pub fn cluster(self) -> &'b str {
        text(self.0, key::CLUSTER)
    }

    /// The name of its user.
    #[must_use]
    pub fn user(self) -> &'b str {
        text(self.0, key::USER)
    }

    /// Its namespace.
    #[must_use]
    pub fn namespace(self) -> &'b str {
        text(self.0, key::NAMESPACE)
    }
}

/// The body of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Cluster<'b>(pub &'b Body);

impl<'b> Cluster<'b> {
    /// The URL of its server.
    #[must_use]
    pub fn server(self) -> &'b str {
        text(self.0, key::SERVER)
    }

    /// The URL of its proxy.
    #[must_use]
    pub fn proxy_url(self) -> &'b str {
        text(self.0, key::PROXY_URL)
    }

    /// The name that its certificate must have.
    #[must_use]
    pub fn tls_server_name(self) -> &'b str {
        text(self.0, key::TLS_SERVER_NAME)
    }

    /// True if its certificate is not checked.
    #[must_use]
    pub fn skips_tls_verify(self) -> bool {
        is_true(self.0, key::INSECURE_SKIP_TLS_VERIFY)
    }

    /// The path of its certificate authority.
    #[must_use]
    pub fn certificate_authority(self) -> &'b str {
        text(self.0, key::CERTIFICATE_AUTHORITY)
    }

    /// Its certificate authority, as base64.
    #[must_use]
    pub fn certificate_authority_data(self) -> &'b str {
        text(self.0, key::CERTIFICATE_AUTHORITY_DATA)
    }

    /// True if it has a certificate authority, as path or data.
    #[must_use]
    pub fn has_certificate_authority(self) -> bool {
        !self.certificate_authority().is_empty() || !self.certificate_authority_data().is_empty()
    }

    /// The extension of this name, as `{name, extension}`.
    #[must_use]
    pub fn extension(self, name: &str) -> Option<&'b Value> {
        list(self.0, key::EXTENSIONS).find(|it| it.get(key::NAME).and_then(Value::as_str) == Some(name))
    }
}

/// The body of a user.
#[derive(Clone, Copy, Debug)]
pub struct User<'b>(pub &'b Body);

impl<'b> User<'b> {
    /// True if it has a client certificate, as path or data.
    #[must_use]
    pub fn has_client_certificate(self) -> bool {
        let certificate = text(self.0, key::CLIENT_CERTIFICATE);
        !certificate.is_empty() || !self.client_certificate_data().is_empty()
    }

    /// True if it has the key of a client certificate, as path or data.
    #[must_use]
    pub fn has_client_key(self) -> bool {
        [key::CLIENT_KEY, key::CLIENT_KEY_DATA].iter().any(|field| !text(self.0, field).is_empty())
    }

    /// Its client certificate, as base64.
    #[must_use]
    pub fn client_certificate_data(self) -> &'b str {
        text(self.0, key::CLIENT_CERTIFICATE_DATA)
    }

    /// Its token.
    #[must_use]
    pub fn token(self) -> &'b str {
        text(self.0, key::TOKEN)
    }

    /// The path of its token.
    #[must_use]
    pub fn token_file(self) -> &'b str {
        text(self.0, key::TOKEN_FILE)
    }

    /// Its name for basic authentication.
    #[must_use]
    pub fn username(self) -> &'b str {
        text(self.0, key::USERNAME)
    }

    /// Its password for basic authentication.
    #[must_use]
    pub fn password(self) -> &'b str {
        text(self.0, key::PASSWORD)
    }

    /// The user that it acts as.
    #[must_use]
    pub fn acts_as(self) -> &'b str {
        text(self.0, key::AS)
    }

    /// Its credential plugin.
    #[must_use]
    pub fn exec(self) -> Option<Exec<'b>> {
        self.0.get(key::EXEC)?.as_object().map(Exec)
    }

    /// Its auth provider.
    #[must_use]
    pub fn auth_provider(self) -> Option<AuthProvider<'b>> {
        self.0.get(key::AUTH_PROVIDER)?.as_object().map(AuthProvider)
    }
}

/// The credential plugin of a user.
#[derive(Clone, Copy, Debug)]
pub struct Exec<'b>(pub &'b Body);

impl<'b> Exec<'b> {
    /// The program, as written.
    #[must_use]
    pub fn command(self) -> &'b str {
        text(self.0, key::COMMAND)
    }

    /// The arguments; what is not a text is an empty one.
    pub fn args(self) -> impl Iterator<Item = &'b str> {
        list(self.0, key::ARGS).map(|argument| argument.as_str().unwrap_or_default())
    }

    /// Names and values of the variables.
    pub fn env(self) -> impl Iterator<Item = (&'b str, &'b str)> {
        let variables = list(self.0, key::ENV).filter_map(Value::as_object);
        variables.map(|variable| (text(variable, key::NAME), text(variable, key::VALUE)))
    }

    /// The version of the plugin's protocol.
    #[must_use]
    pub fn api_version(self) -> &'b str {
        text(self.0, key::API_VERSION)
    }

    /// How to install the program.
    #[must_use]
    pub fn install_hint(self) -> &'b str {
        text(self.0, key::INSTALL_HINT)
    }

    /// Whether the plugin may ask the user.
    #[must_use]
    pub fn interactive_mode(self) -> &'b str {
        text(self.0, key::INTERACTIVE_MODE)
    }

    /// True if the plugin gets the cluster that the request is for.
    #[must_use]
    pub fn wants_cluster_info(self) -> bool {
        is_true(self.0, key::PROVIDE_CLUSTER_INFO)
    }
}

/// The auth provider of a user.
#[derive(Clone, Copy, Debug)]
pub struct AuthProvider<'b>(pub &'b Body);

impl<'b> AuthProvider<'b> {
    /// The name of the provider.
    #[must_use]
    pub fn name(self) -> &'b str {
        text(self.0, key::NAME)
    }

    /// Its configuration.
    pub fn config(self) -> impl Iterator<Item = (&'b String, &'b Value)> + Clone {
        self.0.get(key::CONFIG).and_then(Value::as_object).into_iter().flatten()
    }

    /// The text of a key of its configuration.
    #[must_use]
    pub fn setting(self, key: &str) -> &'b str {
        self.config().find(|(name, _)| *name == key).and_then(|(_, value)| value.as_str()).unwrap_or_default()
    }
}
