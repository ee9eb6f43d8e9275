//! How the program is linked, where that was measured: on Linux with glibc, on x86-64.
//!
//! kcx runs at every prompt, so what it costs to start is most of what it costs. Linked for a fixed address, with functions
//! of libc bound when they are first called, 3,700 relocations at the start are gone. In turns with the same program as
//! it is linked by default, 200 runs each, `kcx use` in a session came from 2.4 times the time of `/bin/true` to 2.0,
//! `kcx prompt` from 1.8 to 1.6; `tests/bench-shell` measures both as they are. The price is that the program's own code is
//! not at a random address; stack, heap and libraries are. kcx itself has no unsafe code.
//!
//! The functions that a switch and a prompt run are linked side by side (`hot.ld`, written by `tests/hot`): where they were
//! spread over the program, the kernel mapped nearly all of it for them.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script about the target by variables")]

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed=src/hot.ld");
    let target = ["CARGO_CFG_TARGET_ARCH", "CARGO_CFG_TARGET_OS", "CARGO_CFG_TARGET_ENV"]
        .map(|name| std::env::var(name).unwrap_or_default());
    if target == ["x86_64", "linux", "gnu"] {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,lazy");
        println!("cargo::rustc-link-arg-bins=-T{}/src/hot.ld", env!("CARGO_MANIFEST_DIR"));
    }
}
