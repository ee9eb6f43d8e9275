//! Service accounts, bindings and tokens: they can be created, expire, and end with their account.

use super::answers::{Answered, User, print, status};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// How the server is to treat accounts.
#[derive(Clone, Default)]
pub(crate) struct AccountSetup {
    /// Objects that exist from the start, by their lists.
    pub(crate) objects: Vec<(&'static str, Value)>,
    /// What nobody may do: verb and resource, such as `create serviceaccounts/token`.
    pub(crate) denied: Vec<&'static str>,
    /// The lifetime of each token in seconds, whatever was asked for.
    pub(crate) lifetime: Option<i64>,
    /// An object appears between the look and this request: `POST rolebindings`.
    pub(crate) taken: Option<&'static str>,
}

/// The accounts of a running server.
#[derive(Default)]
pub(super) struct Accounts(Mutex<State>);

#[derive(Default)]
struct State {
    /// Objects by the path of their list, and name.
    objects: BTreeMap<(String, String), Value>,
    tokens: Vec<Token>,
    /// How far the server's clock is ahead.
    ahead: Duration,
    /// How many objects and tokens there were.
    count: usize,
}

struct Token {
    text: String,
    namespace: String,
    name: String,
    uid: String,
    end: i64,
}

impl State {
    fn now(&self) -> i64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        i64::try_from((now + self.ahead).as_secs()).unwrap()
    }

    fn add(&mut self, list: &str, mut object: Value) -> Value {
        self.count += 1;
        object["metadata"]["uid"] = format!("uid-{}", self.count).into();
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        self.objects.insert((list.to_owned(), name), object.clone());
        object
    }
}

impl Accounts {
    pub(super) fn new(setup: Option<&AccountSetup>) -> Accounts {
        let mut state = State::default();
        for (list, object) in setup.into_iter().flat_map(|setup| &setup.objects) {
            state.add(list, object.clone());
        }
        Accounts(Mutex::new(state))
    }

    /// `LIST/NAME` of all objects.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().objects.keys().map(|(list, name)| format!("{list}/{name}")).collect()
    }

    pub(super) fn object(&self, list: &str, name: &str) -> Option<Value> {
        self.0.lock().unwrap().objects.get(&(list.to_owned(), name.to_owned())).cloned()
    }

    /// The server's clock goes on.
    pub(super) fn later(&self, time: Duration) {
        self.0.lock().unwrap().ahead += time;
    }

    /// Whose token this is, if it is still valid.
    pub(super) fn user(&self, token: &str) -> Option<User> {
        let state = self.0.lock().unwrap();
        let token = state.tokens.iter().find(|it| it.text == token && it.end > state.now())?;
        let list = format!("/api/v1/namespaces/{}/serviceaccounts", token.namespace);
        let account = state.objects.get(&(list, token.name.clone()))?;
        let groups = format!("system:serviceaccounts:{}", token.namespace);
        let is_same = account["metadata"]["uid"] == token.uid.as_str();
        let name = format!("system:serviceaccount:{}:{}", token.namespace, token.name);
        is_same.then(|| User::new(&name, &["system:serviceaccounts", &groups]))
    }

    /// The refusal for an account that may not do this; `None` for other users.
    pub(super) fn refusal(&self, user: &str, method: &Method, path: &str) -> Option<Answered> {
        let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let (place, resource) = match parts.as_slice() {
            ["api", "v1", "namespaces", place, resource, ..] => (*place, *resource),
            ["apis", _, "v1", "namespaces", place, resource, ..] => (*place, *resource),
            ["api", "v1", resource, ..] => ("", *resource),
            // Discovery, and reviews of oneself.
            _ => return None,
        };
        let bindings = "/apis/rbac.authorization.k8s.io/v1";
        let lists = [
            format!("{bindings}/namespaces/{place}/rolebindings"),
            format!("{bindings}/clusterrolebindings"),
        ];
        let state = self.0.lock().unwrap();
        let binds = |object: &Value| {
            let subject = &object["subjects"][0];
            object["roleRef"]["name"] == "view"
                && subject["name"] == name
                && subject["namespace"] == namespace
        };
        let is_bound = state.objects.iter().any(|((list, _), object)| lists.contains(list) && binds(object));
        let may = is_bound && method == Method::GET && resource != "secrets";
        (!may).then(|| denied(user, &verb(method, &parts), resource, place))
    }

    /// The answer to a request about accounts, bindings and tokens; `None` for all others.
    pub(super) fn answer(
        &self,
        setup: &AccountSetup,
        user: &str,
        method: &Method,
        path: &str,
        body: &[u8],
        namespaces: &[String],
    ) -> Option<Answered> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let (namespace, resource, rest) = match parts.as_slice() {
            ["api", "v1", "namespaces", namespace, it @ "serviceaccounts", rest @ ..]
            | [
                "apis",
                "rbac.authorization.k8s.io",
                "v1",
                "namespaces",
                namespace,
                it @ "rolebindings",
                rest @ ..,
            ] => (*namespace, *it, rest),
            ["apis", "rbac.authorization.k8s.io", "v1", it @ "clusterrolebindings", rest @ ..] => {
                ("", *it, rest)
            }
            _ => return None,
        };
        let full =
            if rest.get(1) == Some(&"token") { format!("{resource}/token") } else { resource.to_owned() };
        let verb = verb(method, &parts);
        if setup.denied.contains(&format!("{verb} {full}").as_str()) {
            return Some(denied(user, &verb, &full, namespace));
        }
        let list = path.split(&format!("/{resource}")).next().unwrap().to_owned() + "/" + resource;
        let mut state = self.0.lock().unwrap();
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        if setup.taken == Some(format!("{method} {resource}").as_str()) {
            let name = rest.first().copied().or(sent["metadata"]["name"].as_str()).unwrap();
            state.add(&list, json!({"metadata": {"name": name}}));
        }
        let missing = |name: &str| {
            let message = format!("{resource} \"{name}\" not found");
            status(StatusCode::NOT_FOUND, "NotFound", &message, &json!({"name": name, "kind": resource}))
        };
        let conflict = |message: &str| status(StatusCode::CONFLICT, "Conflict", message, &Value::Null);
        Some(match (method, rest) {
            (&Method::POST, [name, "token"]) => {
                let account = state.objects.get(&(list, (*name).to_owned()));
                let Some(account) = account.cloned() else { return Some(missing(name)) };
                token(&mut state, setup, namespace, &account, &sent)
            }
            (&Method::GET, [name]) => match state.objects.get(&(list, (*name).to_owned())) {
                Some(object) => print(StatusCode::OK, object),
                None => missing(name),
            },
            (&Method::POST, []) => {
                let name = sent["metadata"]["name"].as_str().unwrap().to_owned();
                if !namespace.is_empty() && !namespaces.iter().any(|known| known == namespace) {
                    let message = format!("namespaces \"{namespace}\" not found");
                    status(StatusCode::NOT_FOUND, "NotFound", &message, &json!({"kind": "namespaces"}))
                } else if state.objects.contains_key(&(list.clone(), name.clone())) {
                    conflict(&format!("{resource} \"{name}\" already exists"))
                } else {
                    print(StatusCode::CREATED, &state.add(&list, sent))
                }
            }
            (&Method::DELETE, [name]) => {
                let key = (list, (*name).to_owned());
                let Some(object) = state.objects.get(&key) else { return Some(missing(name)) };
                let uid = &sent["preconditions"]["uid"];
                if !uid.is_null() && *uid != object["metadata"]["uid"] {
                    return Some(conflict("the UID in the precondition does not match"));
                }
                state.objects.remove(&key);
                print(StatusCode::OK, &json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
            }
            _ => return None,
        })
    }
}

fn token(
    state: &mut State,
    setup: &AccountSetup,
    namespace: &str,
    account: &Value,
    sent: &Value,
) -> Answered {
    let asked = sent["spec"]["expirationSeconds"].as_i64().unwrap_or(3600);
    if sent["kind"] != "TokenRequest" || asked < 600 {
        let message = format!(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {asked}: \
             may not specify a duration less than 10 minutes"
        );
        return status(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", &message, &Value::Null);
    }
    let text = |field: &str| account["metadata"][field].as_str().unwrap().to_owned();
    let (name, uid, now) = (text("name"), text("uid"), state.now());
    let end = now + setup.lifetime.unwrap_or(asked);
    state.count += 1;
    let claims = json!({
        "aud": ["https://kubernetes.default.svc"], "exp": end, "iat": now, "iss": "https://kubernetes.default.svc",
        "jti": state.count, "sub": format!("system:serviceaccount:{namespace}:{name}"),
    });
    let part = |value: &Value| {
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, value.to_string())
    };
    let text = format!("{}.{}.c2ln", part(&json!({"alg": "RS256", "kid": "test"})), part(&claims));
    state.tokens.push(Token { text: text.clone(), namespace: namespace.to_owned(), name, uid, end });
    let expires = jiff::Timestamp::from_second(end).unwrap().to_string();
    let answer = json!({
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": {},
        "spec": sent["spec"], "status": {"token": text, "expirationTimestamp": expires},
    });
    print(StatusCode::CREATED, &answer)
}

fn verb(method: &Method, parts: &[&str]) -> String {
    let is_list = parts.len().is_multiple_of(2) == (parts.first() == Some(&"apis"));
    let verb = match *method {
        Method::GET if is_list => "list",
        Method::GET => "get",
        Method::POST => "create",
        Method::DELETE => "delete",
        _ => "update",
    };
    verb.to_owned()
}

fn denied(user: &str, verb: &str, resource: &str, namespace: &str) -> Answered {
    let place = if namespace.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace \"{namespace}\"")
    };
    let group = if resource.ends_with("bindings") { "rbac.authorization.k8s.io" } else { "" };
    let message = format!(
        "{resource} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}"
    );
    status(StatusCode::FORBIDDEN, "Forbidden", &message, &json!({"kind": resource}))
}
