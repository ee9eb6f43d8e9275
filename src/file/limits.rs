//! The largest input of each kind that is read, in bytes. Larger ones fail with a message, so that no file can exhaust the
//! memory. kubectl has no limits; all of these are far above what is found in practice.
//!
//! Limits of protocols are where these are spoken: `cluster::read_only` (requests), `credential` (items of keychains,
//! variables), `store::journal` (the records together).

/// A kubeconfig, wherever it comes from. Patches keep several copies of the text in memory.
pub const KUBECONFIG: u64 = 512 << 20;

/// The overlay of a shell. It is read at each prompt, but other tools may write whole clusters into it.
pub const OVERLAY: u64 = 64 << 20;

/// The file or the text of one credential, certificate or key: a bundle of authorities has some 200 KiB.
pub const CREDENTIAL: u64 = 1 << 20;

/// One file of the system's authorities. Organizations add their own to it.
pub const SYSTEM_AUTHORITIES: u64 = 16 << 20;

/// What a credential plugin prints: more than a certificate chain, a key and a token need.
pub const PLUGIN_OUTPUT: u64 = 1 << 20;

/// A sealed credential in an encrypted file: its largest item is 32 MiB, and age adds little.
pub const SEALED: u64 = 64 << 20;

/// kubectl's preferences.
pub const KUBERC: u64 = 16 << 20;

/// kcx's own settings.
pub const SETTINGS: u64 = 1 << 20;

/// A template of an output format.
pub const TEMPLATE: u64 = 1 << 20;

/// A file of kcx's own state with few entries: the history of a session, a suspension.
pub const STATE: u64 = 1 << 20;

/// The environment of a process that is searched for a session.
pub const ENVIRONMENT: u64 = 1 << 20;

/// The known namespaces of a cluster: 200,000 names take 50 MB at most.
pub const NAMESPACES: u64 = 64 << 20;
