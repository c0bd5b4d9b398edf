//! The command line: the only place that prints. Results go to stdout, messages to stderr.
//!
//! Exit codes: 0 clean; 1 some return is rejected or missing (or `verify` found a difference);
//! 2 the job could not be done.

#[macro_use]
mod terminal;

mod arguments;
mod audit;
mod certify;
mod check;
mod collect;
mod compare;
mod docs;
mod draft;
mod engine;
mod explain;
mod fmt;
mod freeze;
mod health;
mod init;
mod list;
mod page;
mod plan;
mod run;
mod slips;
mod status;
mod template;
mod test;
mod threads;
mod workspace;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, AuditCommand, Command, Handups, SourceOptions};

use crate::cache::Cache;
use crate::engine::on_query_threads;
use crate::pipeline::{self, Prepared, Request};
use crate::publish;

/// Parses the process's arguments, runs the command, and gives the exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return arguments::report(&error),
    };
    let command = arguments.command;
    ExitCode::from(without_panic(|| match command {
        // It computes nothing, under limits of its own.
        Some(Command::InternalRead { .. }) => execute(command),
        command => on_query_threads(|| execute(command)),
    }))
}

/// The exit code of a job; 2 with a sentence when it fails, or when the program itself is wrong.
fn without_panic(job: impl FnOnce() -> anyhow::Result<u8>) -> u8 {
    static WHERE: Mutex<Option<String>> = Mutex::new(None);
    // What a panic says is English and may quote a return: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        if let (Ok(mut place), Some(location)) = (WHERE.lock(), panic.location()) {
            place.get_or_insert(format!("{}:{}", location.file(), location.line()));
        }
    }));
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            terminal::failure(&error);
            2
        }
        Err(_) => {
            let place = WHERE.lock().ok().and_then(|place| place.clone()).unwrap_or_default();
            tell!(
                "错误：程序内部错误（{place}），没有写出结果，收表目录和已有报告没有改动。请把命令、程序版本和这一行告诉维护人员"
            );
            2
        }
    }
}

fn execute(command: Option<Command>) -> anyhow::Result<u8> {
    let Some(command) = command else {
        if workspace::root().is_some() {
            return status::status();
        }
        tell!("{}", Arguments::command().render_help().to_string().trim_end());
        return Ok(2);
    };
    match command {
        Command::Init(options) => init::init(&options),
        Command::Test(options) => test::test(&options),
        Command::Draft(options) => draft::draft(&options),
        Command::Run(options) => run::run(&options),
        Command::Certify(options) => certify::certify(&options),
        Command::Collect(options) => collect::collect(&options),
        Command::Check(options) => check::check(&options),
        Command::Plan(options) => plan::plan(&options),
        Command::Health(options) => health::print(&options),
        Command::Slips(options) => slips::write(&options),
        Command::Page(options) => page::write(&options),
        Command::Freeze(options) => freeze::freeze(&options),
        Command::Template(options) => template::template(&options),
        Command::Audit(AuditCommand::Verify(options)) => audit::verify(&options),
        Command::Audit(AuditCommand::Trace(options)) => audit::trace(&options),
        Command::Audit(AuditCommand::Compare(options)) => compare::compare(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::List(options) => list::list(&options),
        Command::Docs(options) => docs::docs(&options),
        Command::Fmt(options) => fmt::fmt(&options),
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

/// What `run` and `check` are asked for, ready to be read.
fn prepare(source: &SourceOptions) -> anyhow::Result<Prepared> {
    prepare_from(source, &Handups::default())
}

/// The same from what counties handed up, if there is any, instead of returns.
fn prepare_from(source: &SourceOptions, handups: &Handups) -> anyhow::Result<Prepared> {
    let Handups { facts, at } = handups.clone();
    let request = Request { facts, at, ..request(source)? };
    let prepared = pipeline::prepare(&request)?;
    if let Some(folder) = &source.cache
        && publish::lies_in(folder, &prepared.returns)?
    {
        anyhow::bail!(
            "缓存目录 {} 在收表目录 {} 里面，会被当作报表读取，请换一个 --cache",
            folder.display(),
            prepared.returns.display()
        );
    }
    Ok(prepared)
}

/// The same in the words of the pipeline.
fn request(source: &SourceOptions) -> anyhow::Result<Request> {
    threads::ensure(source.threads)?;
    Ok(Request {
        pipeline: source.pipeline.folder.clone(),
        returns: source.returns.clone().or_else(workspace::returns),
        facts: Vec::new(),
        at: None,
        period: source.period.clone(),
        reader: reader()?,
        cache: cache(source),
    })
}

/// In a folder of the user's own: never among the returns, which others may share, nor in a report.
fn cache(source: &SourceOptions) -> Cache {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || Some(variable("HOME")?.join(".cache"));
    let of_user = || Some(variable("XDG_CACHE_HOME").or_else(home)?.join("dangtong/results"));
    match source.cache.clone().or_else(of_user) {
        Some(folder) if !source.no_cache => Cache::at(folder),
        _ => Cache::none(),
    }
}

/// What is held at the end of a command goes with the process: taking it apart piece by piece costs
/// a twentieth of a check and gives nobody anything.
fn left_to_the_system<T>(held: T) {
    std::mem::forget(held);
}

/// Our own program, which reads risky files in a process of its own.
fn reader() -> anyhow::Result<PathBuf> {
    use anyhow::Context;
    std::env::current_exe().context("不能确定程序自身的位置")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_of_the_program_is_exit_code_2() {
        assert_eq!(without_panic(|| Ok(1)), 1);
        assert_eq!(without_panic(|| anyhow::bail!("坏")), 2);
        assert_eq!(without_panic(|| panic!("a slip")), 2);
        // Also in a thread of the pool.
        assert_eq!(without_panic(|| rayon::join(|| panic!("a slip"), || Ok(0)).1), 2);
    }
}
