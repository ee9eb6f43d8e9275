#!/usr/bin/env python3
"""Reads what kcx gives PowerShell as PowerShell would, because no registry has a PowerShell that could run it.

usage: tests/powershell.py KCX      PYTHONPATH has tree-sitter and the grammar tree-sitter-pwsh

- The hook and the completion script are of the language, in the part that Windows PowerShell 5.1 has, too, with any line ends;
  they call no alias, evaluate nothing but kcx's own answer, and read no variable that is not set (`Set-StrictMode`).
- What kcx prints for a path or a name with any character is one string, whose value is that text.
- What the completion script inserts for a name is one argument, whose value is that name.

The grammar does not know that typographic quotes and dashes are quotes and dashes. So strings are also read here, by the rules
of the tokenizer: CharTraits.cs and tokenizer.cs of github.com/PowerShell/PowerShell at 9299036, read on 30 November 2026.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

import tree_sitter
import tree_sitter_pwsh

KCX = os.path.abspath(sys.argv[1])
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_pwsh.language()))
SINGLE, DOUBLE = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'
DASHES = "-\u2013\u2014\u2015"
COMMANDS = {
    "Where-Object", "ForEach-Object", "Select-Object", "Get-Variable", "Write-Error", "Invoke-Expression",
    "Register-EngineEvent", "Register-ArgumentCompleter", "Remove-Item", "__kcx_look", "__kcx_times",
}
PIECES = [
    " ", "'", '"', "`", "$", "$(x)", ";", "|", "&", "(", ")", "{", "}", "[", "]", "@", "%", "#", ",", "<", ">", "~", "*", "?", "!",
    "=", "+", "\\", "^", "\n", "\r\n", "\t", "\u00a0", "\u0085", "é", "ß", "名", "😀", "''", "'@", "\\\"", "--%",
    *SINGLE[1:], *DOUBLE[1:], *DASHES[1:],
]
NAMES = [
    *(name for piece in PIECES for name in (f"a{piece}b", f"{piece}b", f"a{piece}", f"a{piece};calc;{piece}b")),
    "plain", "a.b", "a/b", "user@cluster", "arn:aws:eks:eu-1:1:cluster/x", "-", "--", "-x", "-x.y", "-x:y", "--x", "1", "0x10", "1kb",
    "1e3", ".5", "null", "true", "if", "in", "--%", "-and", "2>&1", "@a", "a,b", "%", "?", ".", "..", "/", "a=b",
]
CHECKS = 0


def check(holds, *what):
    global CHECKS
    CHECKS += 1
    if not holds:
        sys.exit("tests/powershell.py: " + " ".join(map(str, what)))


def walk(node):
    yield node
    for child in node.children:
        yield from walk(child)


def parse(text, what):
    tree = PARSER.parse(text.encode())
    wrong = [node for node in walk(tree.root_node) if node.type == "ERROR" or node.is_missing]
    check(not wrong, what, "is not of the language:", [(node.start_point, node.text) for node in wrong[:3]])
    return tree.root_node


def string(text, at=0):
    """The value of the string that begins here, and where it ends."""
    check(re.search(f"[{SINGLE}{DOUBLE}]", text[at + 1 :]), "no string ends in", text)
    out, first = [], text[at]
    at += 1
    if first in SINGLE:
        while text[at] not in SINGLE or text[at + 1 : at + 2] and text[at + 1] in SINGLE:
            at += 1 if text[at] in SINGLE else 0
            out.append(text[at])
            at += 1
        return "".join(out), at + 1
    assert first in DOUBLE, text
    units = []
    while text[at] not in DOUBLE:
        code = re.match(r"\$\(\[char\](0x[0-9a-f]+)\)", text[at:])
        if code:
            units.append(int(code[1], 16))
            at += len(code[0])
            continue
        check(text[at] != "$", "a variable in", text)
        at += 1 if text[at] == "`" else 0
        check(text[at - 1] != "`" or text[at] in '"`$', "an escape in", text)
        units.append(ord(text[at]))
        at += 1
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le"), at + 1


def assignments(text, what):
    """The variables that the text sets, each in one line, to a string or a list of them."""
    parse(text, what)
    found = {}
    for line in text.splitlines():
        check(re.fullmatch("[ -~]*", line), what, "is not printable ASCII:", line)
        if line.startswith("Remove-Item Env:"):
            continue
        name, value = re.fullmatch(r"\$((?:global|env):\w+) = (.*)", line).groups()
        values, at, is_list = [], 0, value.startswith("@(")
        value = value[2:-1] if is_list else value
        while at < len(value):
            one, at = string(value, at)
            values.append(one)
            check(value[at:] == "" or is_list and value[at : at + 2] == ", ", what, "goes on after a string:", line)
            at += 2
        found[name] = values if is_list else values[0]
    return found


def kubeconfig(name):
    entry = {"name": name, "context": {"cluster": "c", "user": "u"}}
    text = json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": name, "contexts": [entry],
        "clusters": [{"name": "c", "cluster": {"server": "https://c.example"}}], "users": [{"name": "u", "user": {}}],
    }, ensure_ascii=False)
    # YAML takes this one for a line break, and no surrogate pairs.
    return text.replace("\x85", "\\u0085")


def run(home, *args, **env):
    env = {"HOME": home, "PATH": os.environ["PATH"], **env}
    done = subprocess.run([KCX, *args], env=env, cwd=home, capture_output=True, check=False)
    check(done.returncode == 0, args, done.stderr)
    return done.stdout.decode()


def outputs(home, piece):
    """Everything that kcx prints for PowerShell, with this in a path and in a name."""
    folder = os.path.join(home, f"a{piece}b;calc;'{piece}")
    os.makedirs(folder)
    path, name = os.path.join(folder, "kc"), f"a{piece}b"
    with open(path, "w", encoding="utf-8") as file:
        file.write(kubeconfig(name))
    what = f"{piece!r} in a path"
    script = run(home, "init", "powershell", KUBECONFIG=path)
    head = script[: script.index("# kcx's hook")]
    new = assignments(head, what)
    check(path in new["global:__kcx_new_list"].split(":"), what, new)
    check(re.fullmatch("[ -~\n]*", script), "the hook is not ASCII")
    session = new["global:__kcx_new"]
    env = {"KUBECONFIG": new["global:__kcx_new_list"], "KCX_SESSION": session}
    update = assignments(run(home, "__sync", "powershell", "-", str(os.getpid()), session, **env), what)
    data = json.loads(run(home, "__sync", "nushell", "-", str(os.getpid()), session, **env))
    check(update["global:KCX_PROMPT"] == data["prompt"] and path in update["global:__kcx_watch"], what, update, data)
    check(path in update["global:__kcx_list"].split(":"), what, update)
    pinned = assignments(run(home, "env", name, "--shell", "powershell", KUBECONFIG=path), what)
    data = json.loads(run(home, "env", name, "--shell", "nushell", KUBECONFIG=path))
    check(pinned["env:KUBECONFIG"] == data["KUBECONFIG"] and path in data["KUBECONFIG"].split(":"), what, pinned)


def argument(word):
    """The value of a word behind a command, if PowerShell reads one argument in it."""
    # The grammar ends `--a=b.c` at the point. The tokenizer does not: after two dashes it reads a generic token.
    if not word.startswith("--"):
        root = parse(f"kcx use {word} next\n", f"the word {word!r}")
        (elements,) = [node for node in walk(root) if node.type == "command_elements"]
        parts = [node for node in elements.children if node.type != "command_argument_sep"]
        check([part.text.decode() for part in parts] == ["use", word, "next"], word, "is not one word:", parts)
    if word[0] in SINGLE + DOUBLE:
        value, end = string(word)
        check(end == len(word), word, "goes on after a string")
        return value
    check(not re.search(f"[{SINGLE}{DOUBLE}{DASHES[1:]}`$;|&(){{}}@#,<>~*?\\s]", word), word, "is not in quotes")
    check(word != "--%" and not re.match(r"-\w.*[.:\[]", word) and not re.match(r"[-+]?\.?\d", word), word, "is not in quotes")
    return word


def rule(script):
    """The rule of the completion script: what it inserts for a word, with the old way to pass words to programs or not."""
    plain = re.search(r"\$text -notmatch '(.*)'\) \{", script)[1]
    # Python has neither `\p{L}`, which is a word character but no digit or `_`, nor .NET's `\z`.
    plain = re.sub(r"\[\\p\{L\}_([^]]+)\]", r"(?:[^\\W\\d]|[\1])", plain).replace(r"\z", r"\Z")
    for line in (r"""if ($legacy) { $text = $text -replace '(\\*)"', '$1$1\"' }""",
                 r"""$text = "'" + ($text -replace $single, '$0$0') + "'" """.strip(),
                 r"""$single = "['\u2018-\u201b]" """.strip()):
        check(line in script, "the completion script lacks", line)

    def inserted(text, legacy):
        if re.search(plain, text, re.IGNORECASE):
            return text
        text = re.sub(r'(\\*)"', r'\1\1\\"', text) if legacy else text
        return "'" + re.sub(f"[{SINGLE}]", r"\g<0>\g<0>", text) + "'"

    return inserted


def as_windows(value):
    """What a program gets from the old way: runs of backslashes before `"` are halved, an escaped quote is a quote."""
    return re.sub(r'(\\*)\\"', lambda found: found[1][: len(found[1]) // 2] + '"', value)


def script(path):
    """The lints of a script."""
    with open(os.path.join(SOURCE, path), encoding="utf-8", newline="") as file:
        text = file.read()
    check(re.fullmatch("[ -~\n]*", text), path, "has tabs, carriage returns, or is not ASCII")
    root = parse(text, path)
    parse(text.replace("\n", "\r\n"), path + " with CRLF")
    # As the documentation of `Invoke-Expression` says, for text that is evaluated as one.
    parse("function Test-All {\n" + textwrap.indent(text, "    ") + "}\n", path + " in a function")
    for node in walk(root):
        said = node.text.decode()
        if node.type == "command_name" and node.parent.type == "command":
            check(said in COMMANDS, path, "calls", said)
        check(node.type not in ("ternary_expression", "null_coalesce_expression", "null_conditional_expression"), path, said)
        check(node.type not in ("&&", "||", "??", "??=", "?.", "?["), path, "is for PowerShell 7 alone:", said)
    return text


def variables(texts):
    """Every variable is set before it is read, by the script, or by kcx in front of it."""
    known = {"__kcx_bin", "__kcx_new", "__kcx_new_list", "__kcx_owner", "__kcx_show"}
    everything = "\n".join(texts)
    for name in set(re.findall(r"\$(?:\()?global:(\w+)", everything)):
        is_set = re.search(rf"^ {{0,4}}\$global:{name} = ", everything, re.MULTILINE)
        check(name in known or is_set or name in ("__kcx_lifted", "LASTEXITCODE"), "nothing sets", name)
    check("$global:LASTEXITCODE" not in re.sub(r"\$global:LASTEXITCODE = ", "", everything), "LASTEXITCODE may not be set")
    hook, completions = texts
    check(re.findall(r"Invoke-Expression .*", hook) == ["Invoke-Expression $answer"], "the hook evaluates more")
    code = [line for line in completions.splitlines() if not line.lstrip().startswith("#")]
    check("Invoke-Expression" not in "\n".join(code) and "$global:__kcx_bin" not in "\n".join(code), completions)


def reader():
    """The reader itself, with the cases of about_Quoting_Rules."""
    for text, value in [
        ("'don''t'", "don't"), ("'a‘‘b’", "a‘b"), ("'a\nb'", "a\nb"), ("'$x `n'", "$x `n"), ('"a`$b"', "a$b"),
        ('"$([char]0xd83d)$([char]0xde00)"', "😀"), ("''", ""),
    ]:
        check(string(text) == (value, len(text)), text, string(text))
    for text in ("'a‘;calc'", "'a';calc", "“a”b"):
        check(string(text)[1] != len(text), text)


def main():
    reader()
    texts = [script("src/session/hook/kcx.ps1"), script("completions/kcx.ps1")]
    variables(texts)
    inserted = rule(texts[1])
    for name in NAMES:
        if "\n" in name or "\r" in name or "\t" in name:
            continue  # `__complete` separates by these
        for flag in ("", "--context=", "-n="):
            check(argument(inserted(flag + name, False)) == flag + name, name)
            check(as_windows(argument(inserted(flag + name, True))) == flag + name, name)
    with tempfile.TemporaryDirectory() as home:
        for at, piece in enumerate(PIECES):
            own = os.path.join(home, str(at))
            os.mkdir(own)
            outputs(own, piece)
        assert_aliases(home)
    print(f"{CHECKS} checks, {len(PIECES)} characters, {len(NAMES)} names")


def assert_aliases(home):
    text = run(home, "init", "powershell", "--alias", "kubectx,kubens", KUBECONFIG=os.path.join(home, "none"))
    parse(text, "the hook with aliases")
    check("function global:kubectx { & $global:__kcx_bin __as kubectx @args }\n" in text, "aliases")


main()
