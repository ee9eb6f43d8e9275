//! kcx reads, merges and edits kubeconfigs, and switches contexts. This page is the map of the source.
//!
//! # Overview
//!
//! A kubeconfig is a text that people and a dozen tools share. kcx reads it as kubectl does, answers queries about it,
//! and changes as few bytes of it as possible. Decoded values are read-only: all writes are patches of the text.
//!
//! ```text
//!   argv, env ─► cli        parse → resolve → load → decide → edit → commit → report
//!                 │         the only layer that prints, asks the user and exits
//!       ┌─────────┼──────────────┬───────────┐
//!    session      │           picker      prompt    context of one shell · interactive list · prompt text
//!       │         │              │        settings  kcx's own options
//!     store   credential         │           │      loading order, load, commit under locks · keychains
//!       ├─────────┤              │           │
//!   kubeconfig    │              │           │      the model: text ─► Document ─► Merged ─► View
//!       │         │              │           │                     Change ─► Op ─► patched text
//!     printer   file            env        glob     output formats · disk access · environment as data
//! ```
//!
//! [`cluster`] is the only module that accesses the network. Its input is a context, its result an answer or a failure.
//! Only the commands that query a cluster use it.
//!
//! [`kuberc`] reads kubectl's preferences: [`cluster`] checks them before it starts a credential plugin, `kcx config`
//! takes flag defaults and aliases from them, and `kcx lint` reports what kubectl would refuse.
//!
//! [`settings`], [`mod@prompt`], [`glob`] and [`verdict`] are pure as well: they map text to values or text.
//!
//! Two Cargo features are on by default. Without `cluster`, `cluster/absent.rs` takes the place of [`cluster`], and without
//! `keychain`, `credential/system_absent.rs` that of [`credential::system`]: they have the same names, and no library below
//! them. The modules above are the same in every build, and ask `BUILT` before they need what may be absent.
//!
//! A layer calls only the layers below it, and results are returned as values. [`kubeconfig`], [`printer`], [`yaml11`], [`codec`] and
//! `path` are pure: no file system, no environment, no clock. Only [`mod@env`] reads the environment, and only [`mod@file`] writes to disk. `tests/tidy.rs`
//! checks the `use` declarations against this picture, and `.clippy.toml` lists the calls that are allowed in one place
//! only.
//!
//! For a sealed credential, clients run a second, small program, `kcx-credential`: [`plugin`] is all of its code.
//!
//! # The path of one command
//!
//! `kcx rename dev prod`, from argv to disk:
//!
//! 1. `main.rs` passes argv to [`cli`]. `cli/invocation.rs` finds the command and parses its arguments with clap into
//!    `RenameArgs`. A few forms that shells run very often are parsed without clap.
//! 2. `cli/rename.rs` runs the command. `cli/inputs.rs` has the settings, the loading order and the session of this shell,
//!    each determined once on first use; the [`store::Store`] for the command is built from them.
//! 3. [`store::Store::edit`] loads all files, each one into a [`kubeconfig::Document`], and merges them. In the merged
//!    kubeconfig, the name `dev` is found as an entry of one file.
//! 4. The command returns [`kubeconfig::change::Change`]s: rename the entry, and every reference to it.
//!    [`kubeconfig::change::route`] assigns them to the files that have these entries, as patch operations.
//! 5. The store locks these files and loads them again if they have changed. [`kubeconfig::patch`] applies the operations to
//!    the text, parses the result and verifies that nothing else has changed.
//! 6. [`file`](mod@file) writes each new text to a temporary file and renames it; [`store::journal`] records the change for
//!    `kcx undo`. The command then updates overlays that name `dev` (`cli/overlay_update.rs`) and reports what it did.
//!
//! # YAML readers
//!
//! There are four readers:
//!
//! - [`kubeconfig::scan`]: kubectl's own style, line by line at memory speed, because prompts and switches read large files;
//!   its sinks are an index of names, a skeleton of places, and the nodes of an entry.
//! - `kubeconfig::parse`: any YAML, through granit-parser, because edits and messages need the place of every node to the byte.
//! - `kubeconfig::second`: libyaml's grammar on the same texts, because granit-parser speaks YAML 1.2 and kubectl 1.1: what the
//!   two do not read alike is refused.
//! - `cluster::plugin`: what a credential plugin prints, through the same libyaml, because only its values are needed.
//!
//! Settings and kuberc files are read by [`kubeconfig::yaml`], which is the second and the third. What a plain scalar means is
//! in one table, [`yaml11`].
//!
//! # Guarantees, and the tests that check them
//!
//! 1. Parsing a file and rendering it gives the same bytes. `tests/corpus.rs`
//! 2. An edit changes no byte outside its patches. The result is read again, and has the intended meaning, or nothing
//!    is written. `tests/model_edit.rs`, `tests/laws_edit.rs`
//! 3. An edit that cannot be patched safely is refused with the reason; kcx never reformats a file. `tests/model_edit.rs`
//! 4. Unknown fields and `extensions` are never lost. `tests/laws_edit.rs`
//! 5. Only files with a patch are locked and written, and they are read again under the lock; an unchanged file is
//!    not touched. `tests/oracle.rs`
//! 6. kcx reads, merges and answers as kubectl does. `tests/corpus.rs` (each file with kubectl's own reading of it),
//!    `tests/oracle.rs` (recorded answers of the real kubectl)
//! 7. The fast reader of kubectl's own style agrees with the full parser on all it accepts. `tests/scan_laws.rs`,
//!    `tests/lazy_laws.rs`. A lookup in a file in that style never reads it whole. `tests/lookup_laws.rs`
//! 8. A crash or a failing system call at any moment leaves the old or the new file complete, with its mode, owner and
//!    links. `tests/real/faults.rs`
//! 9. Each shell has its own context, holds no secret, and starts no process while nothing changes.
//!    `tests/real/shells.rs`. Clients are on that context or fail (`tests/real/follows.rs`), also after their shell has
//!    ended or the files of its session were removed (`tests/real/lifetime.rs`). The prompt shows that context, whatever was
//!    done to `KUBECONFIG` (`tests/real/prompt_truth.rs`), also in a directory with its own (`tests/real/directories.rs`).
//! 10. A sealed secret is in the kubeconfig or in the keychain, whatever fails in between, and nowhere else.
//!     `tests/cmd_credential.rs`, `tests/real/credential.rs`. Only the clusters that it was sealed for get it.
//!     `tests/cmd_credential_cluster.rs`, `tests/real/credential_clients.rs`
//! 11. `kcx lint` reports an error about reading a file exactly if kubectl refuses to load it, and each of its codes has a
//!     kubeconfig that raises it and one that does not. `tests/lint`, `tests/real/lint.rs`
//! 12. No command starts a credential plugin that kubectl's preferences forbid. `tests/cmd_kuberc.rs`,
//!     `tests/real/kuberc.rs`
//! 13. The examples in the README and in `docs/` are executed, and their lists are complete. `tests/readme.rs`
//! 14. What a shell starts for a command line is never worse than the verdict on that line. `tests/verdict.rs` (a table),
//!     `tests/real/verdict.rs` (bash and dash beside it, and the flags of the real kubectl)
//! 15. A request that the read-only proxy passes is unambiguous, and reaches the cluster with exactly the checked bytes.
//!     `tests/read_only_policy.rs`, `tests/real/read_only_raw.rs`
//!
//! # What kcx does not preserve
//!
//! - The comment directly above a removed entry is removed too.
//! - A file that can only be written in place (a bind mount, a folder without write permission) is not replaced
//!   atomically; kcx says so.
//! - A file on which two YAML readers disagree is not read at all: see `REFUSED` in `tests/corpus.rs`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "a test arranges its own world"))]

pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
#[cfg(not(feature = "cluster"))]
#[path = "cluster/absent.rs"]
pub mod cluster;
pub mod codec;
pub mod credential;
pub mod env;
pub mod file;
pub mod glob;
pub mod kubeconfig;
pub mod kuberc;
mod path;
mod picker;
pub mod plugin;
pub mod printer;
pub mod prompt;
pub mod secret;
pub mod session;
pub mod settings;
pub mod source;
pub mod store;
pub mod verdict;
pub mod yaml11;
