//! Findings about reading a file.

use super::Code::{
    Ambiguous, Base64, ByteOrderMark, DuplicateKey, DuplicateName, LineEnds, MoreDocuments, NoHeader,
    NotKubeconfig, Syntax, UnknownCode, UnknownField, Unreadable, WrongType, Yaml11,
};
use super::Fixability::{No, Safe, Unsafe};
use super::Severity::{Error, Info, Warning};
use super::{Rule, rule};

pub(super) static RULES: &[Rule] = &[
    rule(
        Unreadable,
        Error,
        No,
        [
            "a kubeconfig that cannot be read",
            "kubectl stops at any file of KUBECONFIG that is there and cannot be read: a folder, or a file without read permission. Make it readable, or leave it out of the list.",
            "KUBECONFIG=/etc/kubernetes/admin.conf, which only root may read",
        ],
    ),
    rule(
        Syntax,
        Error,
        No,
        [
            "text that is no YAML 1.1",
            "kubectl cannot read the file, nor any other of the list with it. The caret shows where reading stopped; the slip is often just before: a tab, a missing quote, a wrong indent.",
            "clusters:\n- cluster: {server: https://a\n",
        ],
    ),
    rule(
        WrongType,
        Error,
        No,
        [
            "a value of the wrong type",
            "A field holds a list, a mapping, text or a number where kubectl wants something else, and so it refuses the file.",
            "users:\n- name: jane\n  user: token\n",
        ],
    ),
    rule(
        Yaml11,
        Error,
        Safe,
        [
            "a word that YAML 1.1 takes for a boolean or a number",
            "kubectl reads YAML 1.1, where y, no, on, off, 0777, 1_000 and 1e3 without quotes are booleans and numbers; where text is wanted it refuses the file. Put it in quotes.",
            "contexts:\n- name: y\n  context: {cluster: a, user: a, namespace: 0777}\n",
        ],
    ),
    rule(
        Base64,
        Error,
        No,
        [
            "data that is no base64",
            "Fields that end in -data hold standard base64 with padding, without blanks. Encode the PEM file with `base64 -w0`, or name the file in the field without -data.",
            "clusters:\n- name: a\n  cluster: {certificate-authority-data: -----BEGIN CERTIFICATE-----}\n",
        ],
    ),
    rule(
        NotKubeconfig,
        Error,
        Unsafe,
        [
            "another kind of file, or another version",
            "kubectl reads only apiVersion v1, kind Config. If this is another kind of Kubernetes file, it does not belong into KUBECONFIG.",
            "apiVersion: v1\nkind: Secret\n",
        ],
    ),
    rule(
        DuplicateName,
        Error,
        No,
        [
            "two entries of one list with the same name",
            "kubectl refuses a file in which two clusters, users or contexts have the same name. Rename one of them, or remove it.",
            "users:\n- name: jane\n- name: jane\n",
        ],
    ),
    rule(
        Ambiguous,
        Warning,
        No,
        [
            "text that YAML readers understand differently",
            "kubectl may load this file, but programs do not agree on what it says, so kcx does not read or edit it: brackets behind the end of its document, more than 100 levels. Write it more plainly.",
            "{\"kind\": \"Config\"}\n]\n",
        ],
    ),
    rule(
        DuplicateKey,
        Warning,
        No,
        [
            "a key that is there twice",
            "Of two equal keys in one mapping kubectl takes the last and forgets the first, without a word: of two lists of clusters, the whole first one. Other programs refuse the file.",
            "contexts: [{name: a}]\ncontexts: [{name: b}]\n",
        ],
    ),
    rule(
        MoreDocuments,
        Warning,
        No,
        [
            "more than one document in a file",
            "kubectl reads the first document of a file; what follows `---` does not exist for it. `kcx import FILE` brings in the entries of all of them.",
            "kind: Config\n---\nkind: Config\n",
        ],
    ),
    rule(
        UnknownField,
        Warning,
        Unsafe,
        [
            "a field that kubectl does not know",
            "kubectl ignores fields it does not know, so a slip in a name has the effect of leaving the field out. Names of fields are case-sensitive.",
            "clusters:\n- name: a\n  cluster: {server: 'https://a', certificate-authority-date: Q0E=}\n",
        ],
    ),
    rule(
        NoHeader,
        Info,
        Safe,
        [
            "no apiVersion or no kind",
            "kubectl takes `apiVersion: v1` and `kind: Config` for granted; other programs want to see them.",
            "clusters: [{name: a, cluster: {server: 'https://a'}}]\n",
        ],
    ),
    rule(
        ByteOrderMark,
        Info,
        No,
        [
            "a byte order mark, or UTF-16",
            "kubectl reads both; many other programs do not. Save the file as UTF-8 without a byte order mark.",
            "\u{feff}kind: Config\n",
        ],
    ),
    rule(
        LineEnds,
        Info,
        No,
        [
            "lines that end as on Windows",
            "kubectl reads CRLF, and kcx keeps it. Scripts that cut values out of the file get a carriage return at their end.",
            "kind: Config\r\n",
        ],
    ),
    rule(
        UnknownCode,
        Warning,
        No,
        [
            "a comment that ignores nothing",
            "A comment to `kcx lint` names a code that there is not, or none, or has a slip in it, so it does nothing. It is `# kcx-lint: ignore KCX…`, or `ignore-file`; `kcx lint --explain --all` lists all codes.",
            "# kcx-lint: ignore KCX999\nkind: Config\n",
        ],
    ),
];
