//! Names that announce a secret: of a field, a flag, a variable, an HTTP header.

/// Parts of a name, without separators, that announce a secret anywhere in it.
const TELLING: [&str; 14] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "passcode",
    "credential",
    "private",
    "apikey",
    "accesskey",
    "authkey",
    "keydata",
    "bearer",
    "cookie",
    "assertion",
];

/// Whole words that announce a secret as the last word of a name.
const WORDS: [&str; 16] = [
    "key",
    "keys",
    "pw",
    "pin",
    "pat",
    "otp",
    "totp",
    "jwt",
    "sas",
    "sig",
    "signature",
    "cred",
    "creds",
    "auth",
    "authorization",
    "psk",
];

/// Words that may follow one of [`WORDS`] without changing its meaning.
const BEHIND: [&str; 10] = ["data", "value", "id", "pem", "base64", "b64", "string", "text", "raw", "env"];

/// Last words of a name whose value is the location of a secret, not the secret: `AWS_WEB_IDENTITY_TOKEN_FILE`,
/// `--token-cache-dir`.
const PLACES: [&str; 9] =
    ["file", "filename", "dir", "directory", "folder", "path", "url", "uri", "endpoint"];

/// True if the name of a field, flag, variable or header announces a secret, or something that belongs to one.
///
/// ```
/// use kcx::kubeconfig::secret::is_telling;
/// for name in ["token", "--client-secret", "DB_PASSWORD", "accessKey", "X-Api-Key", "SSH_KEY_2", "-p"] {
///     assert!(is_telling(name), "{name}");
/// }
/// for name in ["region", "--cluster-name", "PUBLIC_KEY", "keyboard", "AUTHOR", "compass"] {
///     assert!(!is_telling(name), "{name}");
/// }
/// ```
#[must_use]
pub fn is_telling(name: &str) -> bool {
    match name {
        "-p" => return true,
        // Variables of the shell: folders.
        "PWD" | "OLDPWD" => return false,
        _ => {}
    }
    let joined: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let joined = joined.to_ascii_lowercase();
    if TELLING.iter().any(|part| joined.contains(part)) {
        return true;
    }
    let words = words(name);
    let behind = |word: &&String| BEHIND.contains(&word.as_str()) || word.is_empty();
    let mut from_the_end = words.iter().rev().skip_while(behind);
    let is_word = from_the_end.next().is_some_and(|word| WORDS.contains(&word.as_str()) || is_password(word));
    is_word && from_the_end.next().is_none_or(|word| word != "public")
}

/// True if the value is itself a secret: [`is_telling`], and the name does not say that the value is a location.
///
/// ```
/// use kcx::kubeconfig::secret::is_secret_variable;
/// assert!(is_secret_variable("AWS_SECRET_ACCESS_KEY"));
/// assert!(!is_secret_variable("AWS_PROFILE"));
/// assert!(!is_secret_variable("AWS_WEB_IDENTITY_TOKEN_FILE"));
/// ```
#[must_use]
pub fn is_secret_variable(name: &str) -> bool {
    is_telling(name) && !words(name).last().is_some_and(|word| PLACES.contains(&word.as_str()))
}

/// `PGPASS`, `MYSQLPWD`.
fn is_password(word: &str) -> bool {
    word.ends_with("pass") && !["bypass", "compass"].contains(&word) || word.ends_with("pwd")
}

/// The words of a name in lower case, without digits: `tokenFile`, `TOKEN_FILE` and `--token-file2` give the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if c.is_alphabetic() {
            if c.is_uppercase() && lower {
                words.push(String::new());
            }
            lower = c.is_lowercase();
            words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        } else {
            lower = false;
            // A digit does not end a word: `b64`.
            if !c.is_ascii_digit() {
                words.push(String::new());
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_the_words_of_a_name() {
        for name in "PASSWORD PGPASS DB_PASS db-passwd MYSQL_PWD API_KEY api.key ApiKey ENCRYPTION_KEY KEY AWS_ACCESS_KEY_ID \
            client-key-data refresh-token idToken GITHUB_PAT HTTP_AUTHORIZATION Proxy-Authorization x-auth SESSION_COOKIE JWT \
            AWS_SESSION_TOKEN VAULT_TOKEN OIDC_CLIENT_SECRET passphrase ssh_private_key CREDENTIALS creds KEY_1 --password \
            SAS sig client-assertion"
            .split_whitespace()
        {
            assert!(is_secret_variable(name), "{name}");
        }
        for name in "AWS_PROFILE AWS_REGION PATH HOME PWD OLDPWD monkey KEYCLOAK_REALM keyring PASSIVE BYPASS_PROXY author --auth-type \
            PUBLIC_KEY tokenFile SECRET_PATH --token-url issuer certificate-authority pinned signed HTTPS_PROXY LD_PRELOAD \
            patch spin"
            .split_whitespace()
        {
            assert!(!is_secret_variable(name), "{name}");
        }
    }
}
