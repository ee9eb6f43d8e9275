//! The presets for oh-my-posh and powerlevel10k: what they print is run by the real shells, as the documentation of these
//! tools says that they do.

use crate::tools::{Home, KCX, fine, nushell};
use std::process::Command;

/// A name that would leave a file behind wherever a shell evaluates it.
const ODD: &str = "a$(touch pwned)`touch pwned`%F{red}\\b";
/// What kcx shows of it where the shell is not known, and in zsh.
const SHOWN: &str = "a?(touch pwned)?touch pwned??F{red}?b";
const IN_ZSH: &str = "a?(touch pwned)?touch pwned?%F{red}?b";

fn preset(name: &str) -> String {
    fine(&Command::new(KCX).args(["prompt", "--preset", name]).output().unwrap())
}

/// A home on the context with the odd name, with `kcx` in its `bin`.
fn home() -> Home {
    let home = Home::new();
    for folder in ["bin", ".kube"] {
        std::fs::create_dir(home.path(folder)).unwrap();
    }
    std::os::unix::fs::symlink(KCX, home.path("bin/kcx")).unwrap();
    let config = serde_json::json!({"contexts": [{"name": ODD, "context": {"namespace": "web"}}], "current-context": ODD});
    home.write(".kube/config", config.to_string());
    home
}

fn run(home: &Home, program: &str, words: &[&str]) -> String {
    let path = format!("{}:{}", home.path("bin").display(), std::env::var("PATH").unwrap());
    let output =
        home.command(program, home.path(".kube/config")).env("PATH", path).args(words).output().unwrap();
    assert!(!home.path("pwned").exists(), "{words:?}");
    fine(&output)
}

/// oh-my-posh calls this function before each prompt, and its template shows the variable.
#[test]
fn oh_my_posh_gets_the_context_in_each_shell() {
    let text = preset("oh-my-posh");
    let line = |shell: &str| {
        let line = text.lines().find_map(|line| line.split_once(&format!("{shell}:")));
        line.unwrap_or_else(|| panic!("{shell}: {text}")).1.trim().to_owned()
    };
    let nu = nushell();
    for (program, options, shell, calls) in [
        ("bash", ["--norc", "-c"], "bash, zsh", "set_poshcontext; env"),
        ("zsh", ["-f", "-c"], "bash, zsh", "set_poshcontext; env"),
        ("fish", ["-N", "-c"], "fish", "set_poshcontext; env"),
        (nu.as_str(), ["-n", "-c"], "Nushell", "do --env $env.SET_POSHCONTEXT; ^env"),
    ] {
        let home = home();
        let [options @ .., command] = options;
        let words = options.iter().chain(&[command]).copied().collect::<Vec<_>>();
        let code = format!("{}\n{calls}", line(shell));
        let shown = run(&home, program, &[&words[..], &[&code]].concat());
        assert!(shown.contains(&format!("\nPOSH_KCX={SHOWN}:web\n")), "{program}: {shown}");
    }
    // PowerShell's is that of the documentation: a function that is an alias of what oh-my-posh calls.
    assert!(line("PowerShell").starts_with("function Set-EnvVar([bool]$originalStatus) { $env:POSH_KCX = "));
    assert!(text.contains("New-Alias -Name 'Set-PoshContext' -Value 'Set-EnvVar' -Scope Global -Force\n"));
}

/// The keys of a segment in oh-my-posh's `schema.json`.
#[test]
fn the_segment_of_oh_my_posh_is_json_with_keys_that_it_knows() {
    let text = preset("oh-my-posh");
    let json = &text[text.find("\n{").unwrap()..];
    let segment: serde_json::Value = serde_json::from_str(json).unwrap();
    let keys: Vec<&String> = segment.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["type", "style", "foreground", "template"]);
    assert_eq!((&segment["type"], &segment["style"]), (&"text".into(), &"plain".into()));
    // `<red>` and `«text»(url)` in a text are styles and links.
    let shown = r#"{{ .Env.POSH_KCX | replace "<" "?" | replace "«" "?" }}"#;
    assert_eq!(segment["template"], format!("{{{{ if .Env.POSH_KCX }}}}{shown} {{{{ end }}}}"));
}

/// `p10k segment` as `p10k help segment` describes it: options; `-c` hides the segment if it is empty after expansion; with
/// `-e` the content is expanded within double quotes; then the prompt is.
const P10K: &str = r#"
p10k() {
    [[ $1 == segment ]] || return 1
    shift
    local opt OPTARG fg cond=1 text expand
    local -i OPTIND
    while getopts ':s:b:f:i:c:t:reh' opt; do
        case $opt in
            s|b|i) ;;
            f) fg=$OPTARG ;;
            c) cond=${OPTARG:-'${:-}'} ;;
            t) text=$OPTARG ;;
            e) expand=1 ;;
            *) return 1 ;;
        esac
    done
    (( OPTIND > ARGC )) || return 1
    if [[ -z $expand ]]; then text=${(b)text}; fi
    segments+=("\${\${:-$cond}:+<$fg|$text>}")
}
"#;

#[test]
fn powerlevel10k_shows_the_context_and_the_instant_prompt_the_same() {
    let home = home();
    let code = format!(
        "{P10K}\n{}\neval \"$(kcx init zsh --no-prompt)\"\n__kcx_precmd\nsetopt prompt_subst\n\
         segments=(); prompt_kcx || exit 1; instant_prompt_kcx || exit 1\n\
         [[ $segments[1] == $segments[2] ]] || exit 1\nprint -P -- $segments[1]\n\
         KCX_PROMPT=; print -P -- \"$segments[1]\"\n",
        preset("powerlevel10k")
    );
    let shown = run(&home, "zsh", &["-f", "-c", &code]);
    assert_eq!(shown, format!("<cyan|{IN_ZSH}:web>\n\n"));
}
