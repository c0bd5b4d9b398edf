//! Windows: what it lacks is done in the next best way, which `docs/在Windows上.md` names.

use std::fs::{DirBuilder, File, FileType, OpenOptions};
use std::io;
use std::path::Path;
use std::process::Command;

/// Opens a file to read. What stands in its place is looked at by who opened it; a link is followed.
pub fn open_plain(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// What is neither file nor folder nor link, in words.
pub fn kind(_: FileType) -> &'static str {
    "是设备"
}

/// Makes a folder; who may look into it is inherited from the user's own.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// Makes, or empties, a file in such a folder.
pub fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

/// Two folders cannot change places in one step.
pub fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// A process cannot bound itself: the parent's time limit is all that there is.
pub fn limit(_: u64, _: u64) -> io::Result<()> {
    Ok(())
}

/// Does a process run? Nobody can say, so it may: what it left is left alone.
pub fn is_running(_: u32) -> bool {
    true
}

/// Runs another program to its end and ends as it ended; returns only when it cannot be started.
pub fn become_program(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(2)),
        Err(error) => error,
    }
}
