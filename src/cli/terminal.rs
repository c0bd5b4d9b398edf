//! The only place that writes to the terminal. Texts of returns and names of files may hold
//! characters that move the cursor, colour, clear or turn around what stands on the screen; here
//! each becomes visible as `\u001b`, so that nothing typed in a cell can pass for our own words.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use crate::model::text::system_reason;

/// One line to stdout; a line break inside a text is no end of the line.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::terminal::line(format_args!($($text)*)) };
}

/// A message to stderr.
macro_rules! tell {
    ($($text:tt)*) => { $crate::cli::terminal::message(format_args!($($text)*)) };
}

pub(super) fn line(text: Arguments) {
    write(&visible(&text.to_string().replace('\n', "⏎")));
}

/// A value as JSON, for other programs: what is made visible here means the same in JSON.
pub(super) fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    write(&visible(&serde_json::to_string_pretty(value)?));
    Ok(())
}

/// Text of our own in lines of its own: help.
pub(super) fn block(text: &str) {
    write(&visible(text.trim_end_matches('\n')));
}

pub(super) fn message(text: Arguments) {
    eprintln!("{}", visible(&text.to_string()));
}

/// Why something failed, in our users' language: what the system and libraries say is English.
pub(super) fn failure(error: &anyhow::Error) {
    let reasons: Vec<String> = error.chain().map(reason).collect();
    tell!("错误：{}", reasons.join("："));
}

/// What went wrong without stopping the job.
pub(super) fn warning(what: &str, error: &anyhow::Error) {
    let reasons: Vec<String> = error.chain().map(reason).collect();
    tell!("提示：{what}：{}", reasons.join("："));
}

/// Does a job; on a terminal it says each second that it is still at work.
pub(super) fn progress<T>(what: &str, job: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return job();
    }
    let (done, waits) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let second = std::time::Duration::from_secs(1);
            let mut seconds = 0;
            while waits.recv_timeout(second) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                seconds += 1;
                eprint!("\r{what}……{seconds} 秒");
            }
            if seconds > 0 {
                eprint!("\r\u{1b}[2K");
            }
        });
        // Dropped when the job is over, also by a panic: that ends the waiting.
        let _done = done;
        job()
    })
}

fn reason(cause: &(dyn std::error::Error + 'static)) -> String {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        system_reason(error)
    } else if let Some(error) = cause.downcast_ref::<serde_json::Error>() {
        format!("第 {} 行第 {} 列读不出来", error.line(), error.column())
    } else if cause.is::<csv::Error>() {
        "CSV 的写法有错".to_owned()
    } else {
        cause.to_string()
    }
}

/// A closed pipe is no failure, and the exit code still says what was found; any other error means
/// that the result did not arrive.
fn write(text: &str) {
    if let Err(error) = writeln!(io::stdout(), "{text}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        tell!("错误：结果不能写到标准输出：{}", system_reason(&error));
        #[expect(clippy::exit, reason = "there is nobody left to tell")]
        std::process::exit(2);
    }
}

/// A text in which only line breaks still steer the terminal.
fn visible(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if steers(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_said_in_chinese() {
        let denied = anyhow::Error::new(io::Error::from_raw_os_error(13)).context("不能写入 报告");
        assert_eq!(denied.chain().map(reason).collect::<Vec<_>>(), ["不能写入 报告", "没有权限"]);
        let broken = serde_json::from_str::<u8>("{").unwrap_err();
        assert_eq!(reason(&broken), "第 1 行第 0 列读不出来");
    }

    #[test]
    fn what_steers_a_terminal_is_made_visible() {
        assert_eq!(
            visible("石匣乡\u{1b}[2J\r\u{7}\u{9b}31m"),
            "石匣乡\\u001b[2J\\u000d\\u0007\\u009b31m"
        );
        assert_eq!(visible("05\u{202e}21"), "05\\u202e21");
        assert_eq!(visible("两行\n文字"), "两行\n文字");
        let value = serde_json::json!({ "填报": "1\u{7f}\u{9b}2" });
        let printed = visible(&value.to_string()).into_owned();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
    }
}
