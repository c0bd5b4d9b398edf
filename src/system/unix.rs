//! Linux and its relatives.

use std::fs::{DirBuilder, File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, setrlimit};

/// Opens a file to read; a link in its place is not followed, a pipe does not wait for its writer.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// What is neither file nor folder nor link, in words.
pub fn kind(kind: FileType) -> &'static str {
    match kind {
        _ if kind.is_fifo() => "是管道",
        _ if kind.is_socket() => "是套接字",
        _ => "是设备",
    }
}

/// Makes a folder that only its owner may look into.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes, or empties, a file that only its owner may read.
pub fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Puts each of two folders in the other's place in one step; `false` where the file system cannot.
pub fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Bounds the memory and the time of this process, and that it leaves no image of itself.
pub fn limit(memory: u64, seconds: u64) -> io::Result<()> {
    let limit = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::As, limit(memory))?;
    setrlimit(Resource::Core, limit(0))?;
    setrlimit(Resource::Cpu, limit(seconds))?;
    Ok(())
}

/// Does a process run?
pub fn is_running(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

/// Goes on as another program; returns only when that fails.
pub fn become_program(command: &mut Command) -> io::Error {
    command.exec()
}
