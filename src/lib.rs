//! kcx: the kubeconfig, owned. This is the map of the house.
//!
//! # From above
//!
//! A kubeconfig is a text that people and a dozen tools share. kcx reads it as kubectl does, answers questions about
//! it, and changes as few bytes of it as it can. The text stays the truth: what is decoded from it serves to decide
//! and to answer, and is never written back.
//!
//! ```text
//!   argv, env ─► cli        what was typed → what is meant → load → decide → edit → commit → report
//!                 │         the only layer that prints, asks and exits
//!       ┌─────────┼──────────────┬───────────┐
//!    session      │           picker      prompt    one shell's own context · choosing · what is current, shown
//!       │         │              │        settings  what a user may set
//!     store   credential         │           │      which files, load, commit under the lock · keychains
//!       ├─────────┤              │           │
//!   kubeconfig    │              │           │      the model: text ─► Document ─► Merged ─► View
//!       │         │              │           │                     Change ─► Op ─► patched text
//!     printer   file            env        glob     values as text · the disk · facts, as data      (path: no disk)
//! ```
//!
//! Beside them stands [`cluster`], the one place that touches the network: where a context leads in, an answer or a failure
//! out. Four commands reach it, and nothing of it is made before.
//!
//! [`kuberc`] reads kubectl's preferences: [`cluster`] checks them before it starts a credential plugin, `kcx config`
//! takes flag defaults and aliases from them, and `kcx lint` reports what kubectl would refuse.
//!
//! [`settings`], [`mod@prompt`] and [`glob`] are pure, too: text in, text out.
//!
//! Calls go down, results come back as values. [`kubeconfig`], [`printer`], [`yaml11`] and [`path`] are pure: no file system, no
//! environment, no clock. [`mod@env`] is the only door through which the environment comes in, [`mod@file`] the only code
//! that writes to disk. `tests/tidy.rs` reads the `use` lines against that picture, and `.clippy.toml` names the
//! calls that have one home.
//!
//! Clients run a second, small program, `kcx-credential`, for a sealed credential: [`plugin`] is all its code.
//!
//! To follow one command: `cli/config/verb/use_context.rs`, then [`store::Store::edit`], then
//! [`kubeconfig::change`], then [`kubeconfig::patch`], then [`file::replace`].
//!
//! # What reads YAML
//!
//! Four readers, each for a reason:
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
//! # What always holds, and the test that guards it
//!
//! 1. Parse, then render: the same bytes, for every file that parses. `tests/corpus.rs`
//! 2. An edit changes no byte outside its patches. The result is read again, and has the intended meaning, or nothing
//!    is written. `tests/model_edit.rs`, `tests/laws_edit.rs`
//! 3. What can't be patched safely is refused by name, never reformatted. `tests/model_edit.rs`
//! 4. Unknown fields and `extensions` are never lost. `tests/laws_edit.rs`
//! 5. Only files with a patch are locked and written, and they are read again under the lock; an unchanged file is
//!    not touched. `tests/oracle.rs`
//! 6. Reading, merging and answering are kubectl's. `tests/corpus.rs` (each file with kubectl's own reading of it),
//!    `tests/oracle.rs` (recorded answers of the real kubectl)
//! 7. The fast reader of kubectl's own style agrees with the full parser on all it accepts. `tests/scan_laws.rs`,
//!    `tests/lazy_laws.rs`. A lookup in a file in that style never reads it whole. `tests/lookup_laws.rs`
//! 8. A crash or a failing system call at any moment leaves the old file or the new one, whole, with its mode, owner
//!    and links. `tests/real/faults.rs`
//! 9. Each shell has its own context, holds no secret, and starts no process while nothing changes.
//!    `tests/real/shells.rs`
//! 10. A secret that is sealed is in the kubeconfig or in the keychain, whatever breaks in between, and nowhere else.
//!     `tests/cmd_credential.rs`, `tests/real/credential.rs`. Only the clusters that it was sealed for get it.
//!     `tests/cmd_credential_cluster.rs`, `tests/real/credential_clients.rs`
//! 11. An error of `kcx lint` about reading a file is there exactly when kubectl refuses to load it, and each of its codes
//!     has a kubeconfig that raises it and one that does not. `tests/lint`, `tests/real/lint.rs`
//! 12. No command starts a credential plugin that kubectl's preferences forbid. `tests/cmd_kuberc.rs`,
//!     `tests/real/kuberc.rs`
//! 13. The README shows what happens. `tests/readme.rs`
//! 14. A request that the read-only proxy passes has only one reading, and reaches the cluster byte for byte as judged.
//!     `tests/verdict.rs`, `tests/real/read_only_raw.rs`
//!
//! # What kcx does not preserve
//!
//! - An entry that is removed takes the comment directly above it along.
//! - A file that can only be written in place (a bind mount, a folder without write permission) is not replaced
//!   atomically; kcx says so.
//! - A file on which two YAML readers disagree is not read at all: see `REFUSED` in `tests/corpus.rs`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "a test arranges its own world"))]

pub mod cli;
pub mod cluster;
pub mod credential;
pub mod env;
pub mod file;
pub mod glob;
pub mod kubeconfig;
pub mod kuberc;
pub mod path;
pub mod picker;
pub mod plugin;
pub mod printer;
pub mod prompt;
pub mod secret;
pub mod session;
pub mod settings;
pub mod store;
pub mod yaml11;
