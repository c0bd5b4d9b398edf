//! Gives the program the fingerprint of its own build (`DANGTONG_BUILD`), with which it marks what
//! it keeps for later runs: only the very same program may believe that.
//!
//! The fingerprint is made of everything that decides what is compiled, so it is the same on every
//! machine. Hashing the finished program instead would cost each run 60 MB of reading.

use std::env;
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

/// What this package is compiled from; the lock file pins everything else.
const SOURCES: [&str; 5] = ["Cargo.toml", "Cargo.lock", "build.rs", "src", "assets"];
/// What the compiler is told.
const OPTIONS: [&str; 5] = ["TARGET", "PROFILE", "OPT_LEVEL", "DEBUG", "CARGO_ENCODED_RUSTFLAGS"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut fingerprint = DefaultHasher::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        add(Path::new(source), &mut fingerprint)?;
    }
    for option in OPTIONS {
        (option, env::var(option).ok()).hash(&mut fingerprint);
    }
    Command::new(env::var("RUSTC")?).arg("-vV").output()?.stdout.hash(&mut fingerprint);
    println!("cargo::rustc-env=DANGTONG_BUILD={:016x}", fingerprint.finish());
    Ok(())
}

/// Adds a file, or all files of a folder in the order of their names.
fn add(path: &Path, fingerprint: &mut DefaultHasher) -> Result<(), Box<dyn Error>> {
    if !path.is_dir() {
        (path, fs::read(path)?).hash(fingerprint);
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| add(entry, fingerprint))
}
