//! The fence around a program behind the read-only proxy: tables of attacks on its two pure parts, the policy for requests and
//! the filter for answers.

mod answers;
mod requests;

use kcx::cluster::fence::{Fence, Hidden, Verbs};

/// A fence of these flags: `--no-secrets --hide configmaps --namespaces a,b --verbs get,list`.
fn fence(flags: &str) -> Fence {
    let mut words = flags.split_whitespace();
    let (mut secrets, mut hide, mut fence) = (false, Vec::new(), Fence::default());
    while let Some(flag) = words.next() {
        if flag == "--no-secrets" {
            secrets = true;
            continue;
        }
        let values: Vec<String> = words.next().unwrap().split(',').map(str::to_owned).collect();
        match flag {
            "--hide" => hide = values,
            "--namespaces" => fence.namespaces = Some(values.into()),
            "--verbs" => fence.verbs = Some(Verbs::of(&values).unwrap()),
            flag => panic!("{flag}"),
        }
    }
    Fence { hidden: Hidden::of(secrets, &hide).unwrap(), ..fence }
}
