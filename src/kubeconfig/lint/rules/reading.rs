//! The rules about reading a file.

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
            "kubectl fails if a file of KUBECONFIG exists and cannot be read: a folder, or a file without read permission. Make it readable, or leave it out of the list.",
            "KUBECONFIG=/etc/kubernetes/admin.conf, which only root may read",
        ],
    ),
    rule(
        Syntax,
        Error,
        No,
        [
            "text that is not valid YAML 1.1",
            "kubectl cannot read the file, and fails also for the other files of the list. The caret shows where parsing stopped; the mistake is often just before: a tab, a missing quote, wrong indentation.",
            "clusters:\n- cluster: {server: https://a\n",
        ],
    ),
    rule(
        WrongType,
        Error,
        No,
        [
            "a value of the wrong type",
            "The type of a value (list, mapping, text, number) is not the one that kubectl expects, so kubectl refuses the file.",
            "users:\n- name: jane\n  user: token\n",
        ],
    ),
    rule(
        Yaml11,
        Error,
        Safe,
        [
            "a word that YAML 1.1 reads as a boolean or a number",
            "kubectl reads YAML 1.1, where y, no, on, off, 0777, 1_000 and 1e3 without quotes are booleans and numbers; where text is expected it refuses the file. Put the word in quotes.",
            "contexts:\n- name: y\n  context: {cluster: a, user: a, namespace: 0777}\n",
        ],
    ),
    rule(
        Base64,
        Error,
        No,
        [
            "data that is not valid base64",
            "Fields that end in -data contain standard base64 with padding, without blanks. Encode the PEM file with `base64 -w0`, or put its path in the field without -data.",
            "clusters:\n- name: a\n  cluster: {certificate-authority-data: -----BEGIN CERTIFICATE-----}\n",
        ],
    ),
    rule(
        NotKubeconfig,
        Error,
        Unsafe,
        [
            "another kind of file, or another version",
            "kubectl reads only apiVersion v1, kind Config. If this is another kind of Kubernetes file, remove it from KUBECONFIG.",
            "apiVersion: v1\nkind: Secret\n",
        ],
    ),
    rule(
        DuplicateName,
        Error,
        Unsafe,
        [
            "two entries of one list with the same name",
            "kubectl refuses a file in which two clusters, users or contexts have the same name. Rename one of them, or remove it. `--fix` removes an entry that is the same as an earlier one; of others, `--unsafe-fixes` renames the later one.",
            "users:\n- name: jane\n- name: jane\n",
        ],
    ),
    rule(
        Ambiguous,
        Warning,
        No,
        [
            "text that YAML parsers read differently",
            "kubectl may load this file, but parsers do not agree on its content, so kcx does not read or edit it: brackets after the end of its document, or more than 100 levels. Write it in a simpler form.",
            "{\"kind\": \"Config\"}\n]\n",
        ],
    ),
    rule(
        DuplicateKey,
        Warning,
        Unsafe,
        [
            "a duplicate key",
            "Of two equal keys in one mapping kubectl uses the last and silently ignores the first: of two lists of clusters, the whole first one. Other programs refuse the file. A fix adds the entries of the first list to the other one, unless the two have different entries of one name: then put a line `---` between them, and `kcx import` reads both.",
            "contexts: [{name: a}]\ncontexts: [{name: b}]\n",
        ],
    ),
    rule(
        MoreDocuments,
        Warning,
        No,
        [
            "more than one document in a file",
            "kubectl reads only the first document of a file and ignores what follows `---`. `kcx import FILE` imports the entries of all documents.",
            "kind: Config\n---\nkind: Config\n",
        ],
    ),
    rule(
        UnknownField,
        Warning,
        Unsafe,
        [
            "a field that kubectl does not know",
            "kubectl ignores unknown fields, so a typo in a name has the same effect as leaving out the field. Names of fields are case-sensitive.",
            "clusters:\n- name: a\n  cluster: {server: 'https://a', certificate-authority-date: Q0E=}\n",
        ],
    ),
    rule(
        NoHeader,
        Info,
        Safe,
        [
            "no apiVersion or no kind",
            "kubectl does not require `apiVersion: v1` and `kind: Config`; other programs do.",
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
            "kubectl reads CRLF, and kcx keeps it. Scripts that extract values from the file get a trailing carriage return.",
            "kind: Config\r\n",
        ],
    ),
    rule(
        UnknownCode,
        Warning,
        No,
        [
            "a comment for `kcx lint` without effect",
            "The comment names an unknown code or no code, or has a typo. The form is `# kcx-lint: ignore KCX…`, or `ignore-file`; `kcx lint --explain --all` lists all codes.",
            "# kcx-lint: ignore KCX999\nkind: Config\n",
        ],
    ),
];
