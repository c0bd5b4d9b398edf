//! `--threads N`: the libraries read their pool size once from the environment, which cannot
//! be set safely from inside, so the program replaces itself with the variables set.

use std::process::Command;

use crate::system;

const VARIABLES: [&str; 2] = ["POLARS_MAX_THREADS", "RAYON_NUM_THREADS"];

/// Returns when the environment already is as wanted; otherwise starts over with it.
pub(super) fn ensure(threads: Option<u16>) -> anyhow::Result<()> {
    let Some(threads) = threads.map(|n| n.to_string()) else { return Ok(()) };
    let set = |name: &str| std::env::var(name).is_ok_and(|value| value == threads);
    if VARIABLES.iter().all(|name| set(name)) {
        return Ok(());
    }
    let mut command = Command::new(super::reader()?);
    command.args(std::env::args_os().skip(1));
    for name in VARIABLES {
        command.env(name, &threads);
    }
    let failed = system::become_program(&mut command);
    Err(anyhow::Error::from(failed).context("不能按 --threads 重新启动"))
}
