//! Reads one risky file in a process of its own, under limits of memory and time: a crash, an
//! endless loop or a request for 500 GB there costs only that file.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::sniff::{Format, Sniffed};
use super::workbook::{Refusal, Workbook};
use crate::model::codes::{READER_FAILED, UNSAFE_FILE, UNSUPPORTED_FORMAT};
use crate::model::text::system_reason;

/// Name of the hidden subcommand: `<program> internal-read <memory-bytes>`, the file on its stdin.
pub const READER_COMMAND: &str = "internal-read";
/// Address space of the child. The program itself takes a part of it.
const MEMORY: u64 = 3 << 29;
/// KiB that the child's allocator reserves at a time: else it would take all that it may have at once.
const RESERVE: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "16384");
/// Of processor time: how busy the machine is does not decide what is read.
const PROCESSOR_SECONDS: u64 = 20;
/// A child that neither computes nor ends, or where the system knows no limit of processor time.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
const ANSWER_BYTES: u64 = 512 << 20;

/// What the hidden subcommand does: reads a file's content under limits and writes the workbook,
/// or why it cannot be read, as JSON.
pub fn serve_reader(
    memory: u64,
    content: &mut dyn Read,
    answer: &mut dyn Write,
) -> anyhow::Result<()> {
    // The limit of time ends an endless loop even if the parent has gone.
    crate::system::limit(memory, PROCESSOR_SECONDS)?;
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    let read = Sniffed::new("", &bytes).and_then(read_here);
    serde_json::to_writer(&mut *answer, &read)?;
    answer.flush()?;
    Ok(())
}

/// Reads in this process.
pub(super) fn read_here(file: Sniffed) -> Result<Workbook, Refusal> {
    match file.format {
        Format::Xlsx => super::xlsx::read(file.archive()?),
        Format::Xlsb => super::binary::read_xlsb(file.bytes),
        Format::Xls => super::binary::read_xls(file.bytes),
        Format::Protected => {
            let opened = super::protected::open(file.bytes)?;
            let inside = Sniffed::new("", &opened)?;
            match inside.format {
                Format::Xlsx | Format::Xlsb => read_here(inside),
                _ => Err(Refusal::new(UNSUPPORTED_FORMAT, "加密的文件里不是 Excel 工作簿")),
            }
        }
        Format::Ods => super::ods::read(file.archive()?),
        // Which separator is meant is asked of the forms, which only the parent knows.
        Format::Csv => Err(Refusal::new(READER_FAILED, "文本表格不在此读取")),
    }
}

/// Reads in a child process, which gets the bytes that were hashed and not the file's name: the
/// file may have changed since.
pub(super) fn read_apart(reader: &Path, bytes: &[u8]) -> Result<Workbook, Refusal> {
    let started = Command::new(reader)
        .arg(READER_COMMAND)
        .arg(MEMORY.to_string())
        .env(RESERVE.0, RESERVE.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|e| {
        let why = system_reason(&e);
        Refusal::new(READER_FAILED, format!("无法启动 {}：{why}", reader.display()))
    })?;
    let answer = std::thread::scope(|scope| converse(scope, &mut child, bytes))?;
    let ended_well = child.wait().is_ok_and(|s| s.success());
    match serde_json::from_slice::<Result<Workbook, Refusal>>(&answer) {
        Ok(read) if ended_well => read,
        _ => Err(Refusal::new(UNSAFE_FILE, "读取时出错中止（文件损坏，或要占用过多内存、时间）")),
    }
}

/// Hands the child its bytes and waits for the answer, at most [`LONGEST_WAIT`].
fn converse<'s>(
    scope: &'s std::thread::Scope<'s, '_>,
    child: &mut Child,
    bytes: &'s [u8],
) -> Result<Vec<u8>, Refusal> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Refusal::new(READER_FAILED, "读取进程没有输入或输出"));
    };
    // A child that ends early takes no more bytes; its answer says why.
    scope.spawn(move || input.write_all(bytes));
    let (send, receive) = mpsc::channel();
    scope.spawn(move || {
        let mut answer = Vec::new();
        let ended = output.take(ANSWER_BYTES).read_to_end(&mut answer);
        // The receiver may have given up waiting.
        let _ = send.send(ended.map(|_| answer));
    });
    let answer = receive.recv_timeout(LONGEST_WAIT);
    if !matches!(answer, Ok(Ok(_))) {
        // Already ended is fine. Without the child both threads end.
        let _ = child.kill();
        let _ = child.wait();
    }
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(e)) => Err(Refusal::new(UNSAFE_FILE, format!("读取中断：{}", system_reason(&e)))),
        Err(_) => {
            let seconds = LONGEST_WAIT.as_secs();
            Err(Refusal::new(READER_FAILED, format!("读取超过 {seconds} 秒，已中止")))
        }
    }
}
