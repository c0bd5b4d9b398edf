//! The command line: the only place that prints. Results go to stdout, messages to stderr.
//!
//! Exit codes: 0 clean; 1 some return is rejected or missing (or `verify` found a difference);
//! 2 the job could not be done.
#![allow(clippy::print_stdout, clippy::print_stderr)]

/// `println!` that does not mind when the reader of its output has gone (`| head`).
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::print_line(format_args!($($text)*)) };
}

mod arguments;
mod audit;
mod check;
mod docs;
mod explain;
mod list;
mod run;
mod threads;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, AuditCommand, Command};

/// Parses the process's arguments, runs the command, and gives the exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return arguments::report(&error),
    };
    match execute(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("错误：{error:#}");
            ExitCode::from(2)
        }
    }
}

fn execute(command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Run(options) => run::run(&options),
        Command::Check(options) => check::check(&options),
        Command::Audit(AuditCommand::Verify(options)) => audit::verify(&options),
        Command::Audit(AuditCommand::Trace(options)) => audit::trace(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::List(options) => list::list(&options),
        Command::Docs(options) => docs::docs(&options),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "dangtong", &mut std::io::stdout());
            Ok(0)
        }
        Command::InternalRead { memory } => {
            let (mut content, mut answer) = (std::io::stdin().lock(), std::io::stdout().lock());
            crate::collect::serve_reader(memory, &mut content, &mut answer)?;
            Ok(0)
        }
    }
}

/// Our own program, which reads risky files in a process of its own.
fn reader() -> anyhow::Result<PathBuf> {
    use anyhow::Context;
    std::env::current_exe().context("不能确定程序自身的位置")
}

/// One line to stdout. A closed pipe is no failure, and the exit code still says what was found;
/// any other error means that the result did not arrive.
fn print_line(line: std::fmt::Arguments) {
    use std::io::{ErrorKind, Write};
    if let Err(error) = writeln!(std::io::stdout(), "{line}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("错误：结果不能写到标准输出：{error}");
        #[expect(clippy::exit, reason = "there is nobody left to tell")]
        std::process::exit(2);
    }
}
