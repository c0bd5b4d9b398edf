//! The line to an engine: our helper program, which holds its client. One question at a time, and
//! none waits longer than was allowed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, Serialize};

/// Which engine, and how it is reached.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// `sc://host:port`.
    pub url: String,
    /// A folder that the engine sees under the same name; default: the temporary folder of this
    /// machine.
    pub files: Option<PathBuf>,
    /// How long one answer may take at most.
    pub patience: Duration,
    /// The folder of our own programs.
    pub programs: PathBuf,
}

/// The helper, beside our own program.
const HELPER: &str = "dangtong-spark";

/// An engine that is there says so at once.
const CONNECTING: Duration = Duration::from_secs(30);

#[derive(Debug, Serialize)]
struct Question<'a> {
    table: &'a str,
    file: &'a Path,
    statement: &'a str,
}

/// Rows of texts; a missing value is none.
pub(super) type Rows = Vec<Vec<Option<String>>>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Engine(String),
    Rows(Rows),
    Error(String),
}

/// A helper at work; it ends with us.
#[derive(Debug)]
pub(super) struct HelperLink {
    helper: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
    url: String,
    patience: Duration,
    /// Why it gives no more answers.
    broken: Option<String>,
}

impl HelperLink {
    /// Starts the helper; gives what the engine calls its version, too.
    pub(super) fn open(settings: &EngineSettings) -> anyhow::Result<(Self, String)> {
        let url = settings.url.clone();
        if !url.starts_with("sc://") {
            bail!("--engine 的写法是 sc://主机:端口（如 sc://localhost:50051），收到的是“{url}”");
        }
        let program = settings.programs.join(format!("{HELPER}{}", std::env::consts::EXE_SUFFIX));
        let mut helper = Command::new(&program)
            .arg(&url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                format!(
                    "启动不了连接计算引擎的程序 {}。它要另外编译：cargo build --release --locked --manifest-path tools/spark/Cargo.toml --target-dir target，它应与 dangtong 在同一个文件夹里；不用引擎的去掉 --engine",
                    program.display()
                )
            })?;
        let (questions, said) = match (helper.stdin.take(), helper.stdout.take()) {
            (Some(questions), Some(said)) => (questions, said),
            _ => bail!("程序内部错误：连接计算引擎的程序没有输入输出"),
        };
        let (to, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if to.send(line).is_err() {
                    return;
                }
            }
        });
        let patience = settings.patience.min(CONNECTING);
        let mut link = Self { helper, questions, answers, url, patience, broken: None };
        match link.hear()? {
            Answer::Engine(version) => {
                link.patience = settings.patience;
                Ok((link, version))
            }
            other => link.failed(other),
        }
    }

    /// The rows of a statement over a file.
    pub(super) fn ask(
        &mut self,
        table: &str,
        file: &Path,
        statement: &str,
    ) -> anyhow::Result<Rows> {
        if let Some(broken) = &self.broken {
            bail!(broken.clone());
        }
        let mut line = serde_json::to_string(&Question { table, file, statement })?;
        line.push('\n');
        // If the helper is gone, what it said last is the reason.
        let _ = self.questions.write_all(line.as_bytes()).and_then(|()| self.questions.flush());
        match self.hear()? {
            Answer::Rows(rows) => Ok(rows),
            other => self.failed(other),
        }
    }

    fn hear(&mut self) -> anyhow::Result<Answer> {
        let url = &self.url;
        let broken = match self.answers.recv_timeout(self.patience) {
            Ok(line) => {
                return serde_json::from_str(&line)
                    .with_context(|| format!("计算引擎 {url} 的回答读不懂"));
            }
            Err(RecvTimeoutError::Timeout) => {
                // What it may still say would be taken for the answer to the next question.
                let _ = self.helper.kill();
                format!(
                    "计算引擎 {url} 在 {} 秒内没有回答，已停止，什么都没有写出。请看引擎是否开着、忙不忙，或加大 --engine-timeout；不用引擎的去掉 --engine，在本机计算",
                    self.patience.as_secs()
                )
            }
            Err(RecvTimeoutError::Disconnected) => format!(
                "计算引擎 {url} 的连接中断，什么都没有写出。请看引擎是否还开着，再运行一次；或去掉 --engine，在本机计算"
            ),
        };
        // Whoever asks next hears the same reason.
        Err(anyhow!(self.broken.insert(broken).clone()))
    }

    fn failed<T>(&self, answer: Answer) -> anyhow::Result<T> {
        let url = &self.url;
        match answer {
            Answer::Error(said) => bail!(
                "计算引擎 {url} 没有算成，什么都没有写出。请看引擎是否开着、能否读到 --engine-files 的文件夹；或去掉 --engine，在本机计算。引擎说：{}",
                shortened(&said)
            ),
            other => bail!("计算引擎 {url} 答非所问：{other:?}"),
        }
    }
}

impl Drop for HelperLink {
    fn drop(&mut self) {
        // Ending it is all that is left to do, and it may have ended by itself.
        let _ = self.helper.kill();
        let _ = self.helper.wait();
    }
}

/// Engines explain themselves with the stack of their calls.
fn shortened(said: &str) -> String {
    const MOST: usize = 400;
    let line = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().take(MOST).collect()
}
