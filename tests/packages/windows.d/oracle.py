"""`kcx config` beside the kubectl.exe of the same version: the cases of tests/oracle/cases.jsonl that a Windows can have."""

import base64
import json
import os
import pathlib
import shutil

CASES = pathlib.Path(__file__).resolve().parents[2] / "oracle/cases.jsonl"
FOLDER = "D:\\case"
ODD = set('<>:"|?*\\')
LONG_AGO = 1_000_000_000
# The exit code of kcx where its answer is not kubectl's, and the reason.
OTHERWISE = {
    "set-cluster-ca-clears-data": (0, "on another drive; kubectl fails, kcx writes the whole path"),
    "set-cluster-ca-clears-insecure-and-data": (0, "on another drive; kubectl fails, kcx writes the whole path"),
    "write-only-empty-entry": (1, "the system's words for an empty path"),
    "write-parent-is-file": (1, "kcx names the folder that it cannot make"),
}


def cases():
    for line in CASES.read_bytes().splitlines():
        case = json.loads(line)
        if "config" in case["args"][:3] and not unfit(case):
            yield case


def unfit(case):
    """True for files and folders that Windows does not have, and for variables that have another meaning there."""
    for name, content in case["files"].items():
        if ODD & set(name) or isinstance(content, dict) and {"symlink", "mode"} & set(content):
            return True
    return "HOME" in case["env"] or any("/dev/" in word for word in case["args"])


def here(text):
    """A text of a case with the folder of Windows."""
    return text.replace("@DIR@", FOLDER)


def content(value):
    if isinstance(value, str):
        return here(value).encode()
    return base64.b64decode(value["b64"]) if "b64" in value else here(value["text"]).encode()


class Answer:
    """What a program answered, and what it left behind."""

    def __init__(self, case, program, scenarios):
        root = scenarios.machine.unix(FOLDER)
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        for name, value in case["files"].items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(value, dict) and value.get("dir"):
                file.mkdir(exist_ok=True)
            else:
                file.write_bytes(content(value))
                os.utime(file, (LONG_AGO, LONG_AGO))
        variables = {**scenarios.variables, "USERPROFILE": FOLDER, "HOMEDRIVE": "", "HOMEPATH": ""}
        for name, value in case["env"].items():
            parts = value.split(":") if name == "KUBECONFIG" else [value]
            variables[name] = ";".join(here(part) for part in parts)
        words = " ".join(quoted(here(word)) for word in [program, *case["args"]])
        folder = FOLDER + ("\\" + case["cwd"].replace("/", "\\") if case.get("cwd") else "")
        self.code, self.out, self.err = scenarios.command(words, variables, folder)
        self.files = {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}
        self.old = {str(f.relative_to(root)) for f in root.rglob("*") if f.stat().st_mtime == LONG_AGO}


def quoted(word):
    """A word of a command line as programs of Windows read it."""
    if word and not set(word) & set(' \t\n\v"'):
        return word
    out, slashes = '"', 0
    for character in word:
        out += "\\" * (slashes + 1 if character == '"' else 0) + character
        slashes = slashes + 1 if character == "\\" else 0
    return out + "\\" * slashes + '"'


def stream(text, unordered):
    text = text.replace(b"kcx config", b"kubectl config")
    return b"".join(sorted(text.splitlines(True))) if unordered else text


def differences(case, want, got, scenarios):
    unordered = case.get("unordered", [])
    if want.code != got.code:
        yield f"  exit {got.code}, want {want.code}"
    if not case.get("help_text") and stream(want.out, "stdout" in unordered) != stream(got.out, "stdout" in unordered):
        yield f"  want {want.out!r}\n  got  {got.out!r}"
    literally = case["advice"] == "match"
    if bool(want.err) != bool(got.err) or literally and stream(want.err, False) != stream(got.err, False):
        yield f"  want {want.err!r}\n  got  {got.err!r}"
    for name in sorted(set(want.files) | set(got.files)):
        if (name in want.files) != (name in got.files):
            yield f"  {name} is {'missing' if name in want.files else 'left behind'}"
        elif want.files[name] != got.files[name] and want.files[name] != as_kubectl_writes(got.files[name], scenarios):
            yield f"  {name}: want {want.files[name]!r}\n  got  {got.files[name]!r}"
    for name in sorted(want.old - got.old):
        yield f"  {name} was touched"


def as_kubectl_writes(text, scenarios):
    scenarios.machine.unix(FOLDER + ".yaml").write_bytes(text)
    return scenarios.command(f"kubectl --kubeconfig {FOLDER}.yaml config view --raw")[1]


def replay(cases, scenarios):
    """One check for each case; where kcx means to do better than kubectl, its own recorded exit code counts."""
    scenarios.reset()
    for case in cases:
        title = f"oracle: {case['id']}"
        if not scenarios.is_chosen(title):
            continue
        got = Answer(case, "kcx", scenarios)
        if case["id"] in OTHERWISE or case["advice"] == "improve":
            want, reason = OTHERWISE.get(case["id"]) or (case["ours"]["exit"], "better than kubectl")
            title += f" ({reason})"
            wrong = [f"  exit {got.code}, want {want}: {got.err!r}"] if got.code != want else []
        else:
            wrong = list(differences(case, Answer(case, "kubectl", scenarios), got, scenarios))
        scenarios.report(title, wrong)
