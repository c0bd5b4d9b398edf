//! An engine elsewhere: tables are written as Parquet where it can read them, plans are sent as
//! statements, and integers come back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, ensure};

use super::link::{EngineSettings, HelperLink, Rows};
use crate::columnar;
use crate::model::{Column, ColumnType};
use crate::sql::{
    Added, Asked, Engine, Expression, Frame, GroupPlan, Groups, Measure, ROW, TABLE, group,
    grouped_statement, numbers_statement, rows_statement,
};
use crate::system;

/// By key: the number of rows, and what each measure adds up to.
type Sums = BTreeMap<Vec<Option<String>>, (Option<i128>, Vec<Added>)>;

/// An engine that speaks Spark Connect.
#[derive(Debug)]
pub struct Remote {
    link: Mutex<HelperLink>,
    folder: Folder,
    /// What it calls its version.
    pub version: String,
    written: AtomicUsize,
}

impl Remote {
    pub fn open(settings: &EngineSettings) -> anyhow::Result<Self> {
        let (link, version) = HelperLink::open(settings)?;
        let folder = Folder::new(settings.files.as_deref())?;
        Ok(Self { link: Mutex::new(link), folder, version, written: AtomicUsize::new(0) })
    }

    /// Writes the columns that are read, with the number of each row.
    fn table(&self, frame: &Frame, names: &BTreeSet<&str>) -> anyhow::Result<File> {
        let mut lower: BTreeSet<String> = BTreeSet::new();
        let mut table = Vec::with_capacity(names.len() + 1);
        let numbers = 0..i64::try_from(frame.len())?;
        table.push((ROW.to_owned(), Column::integers(numbers.map(Some))));
        for name in names {
            ensure!(
                lower.insert(name.to_lowercase()),
                "列 {name} 与另一列只差大小写，计算引擎分不清，请给其中一列改名"
            );
            let column = frame.column(name).with_context(|| format!("缺少列 {name}"))?;
            table.push(((*name).to_owned(), plain(column)));
        }
        let at = self.written.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.tables.join(format!("{at}.parquet"));
        std::fs::write(&path, columnar::to_bytes(&table)?)
            .with_context(|| format!("写不了 {}", path.display()))?;
        Ok(File(path))
    }

    fn ask(&self, file: &File, statement: &str) -> anyhow::Result<Rows> {
        // A question that failed leaves the line as it is: the next one will fail too.
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.ask(TABLE, &file.0, statement)
    }

    /// A column a kind, in the order of the table's rows.
    fn columns(
        &self,
        file: &File,
        statement: &str,
        height: usize,
        kinds: &[ColumnType],
    ) -> anyhow::Result<Vec<Column>> {
        let mut rows = self.ask(file, statement)?;
        let number = |row: &Vec<Option<String>>| integer(row.first());
        rows.sort_by_cached_key(|row| number(row).ok().flatten());
        let complete = rows.iter().enumerate().all(|(at, row)| {
            row.len() == kinds.len() + 1 && number(row).is_ok_and(|n| n == i128::try_from(at).ok())
        });
        ensure!(complete && rows.len() == height, "计算引擎给出的行与表里的不符");
        kinds.iter().enumerate().map(|(at, kind)| column(*kind, &rows, at + 1)).collect()
    }

    /// What the engine makes of measures by keys.
    fn added(
        &self,
        file: &File,
        asked: Asked,
        measures: &[&Measure],
        keys: &[&str],
    ) -> anyhow::Result<Sums> {
        let statement = grouped_statement(asked.frame, measures, keys)?;
        let width = keys.len() + 1 + 3 * measures.len();
        let mut groups = BTreeMap::new();
        for mut row in self.ask(file, &statement)? {
            ensure!(row.len() == width, "计算引擎给出的列数不符");
            let numbers = row.split_off(keys.len());
            let added = numbers[1..].chunks(3).map(added).collect::<anyhow::Result<_>>()?;
            let group = (integer(numbers.first())?, added);
            ensure!(groups.insert(row, group).is_none(), "计算引擎把一组给了两次");
        }
        Ok(groups)
    }

    /// One set of keys. The groups are those of the keys themselves; the sums are the engine's.
    fn set(
        &self,
        file: &File,
        asked: Asked,
        measures: &[&Measure],
        keys: &[&str],
        rows: bool,
    ) -> anyhow::Result<Groups> {
        let mut sums = self.added(file, asked, measures, keys)?;
        let (_, groups) = group(asked.frame, &[], &[(keys.to_vec(), Vec::new())])?;
        let mut groups = groups.into_iter().next().context("程序内部错误：没有分组")?;
        let mut added: Vec<Vec<Added>> = vec![Vec::new(); measures.len()];
        for at in 0..groups.rows.len() {
            let key: Vec<Option<String>> = groups.keys.iter().map(|key| text(key, at)).collect();
            let (number, own) = sums.remove(&key).context("计算引擎少给了一组")?;
            let rows = i128::try_from(groups.rows[at].len()).ok();
            ensure!(number == rows, "计算引擎数出的行与表里的不符");
            added.iter_mut().zip(own).for_each(|(all, one)| all.push(one));
        }
        ensure!(sums.is_empty(), "计算引擎多给了 {} 组", sums.len());
        groups.added = added;
        if !rows {
            groups.rows.iter_mut().for_each(Vec::clear);
        }
        Ok(groups)
    }
}

impl Engine for Remote {
    fn rows(&self, asked: Asked, expressions: &[&Expression]) -> anyhow::Result<Vec<Column>> {
        if expressions.is_empty() {
            return Ok(Vec::new());
        }
        let names = expressions.iter().flat_map(|e| e.columns.iter().map(String::as_str));
        let file = self.table(asked.frame, &names.collect())?;
        let statement = rows_statement(asked.frame, expressions)?;
        let kinds: Vec<ColumnType> = expressions.iter().map(|e| e.result).collect();
        self.columns(&file, &statement, asked.frame.len(), &kinds)
            .with_context(|| format!("计算{}", asked.source))
    }

    fn grouped(
        &self,
        asked: Asked,
        plan: &GroupPlan,
    ) -> anyhow::Result<(Vec<Column>, Vec<Groups>)> {
        let read = plan.measures.iter().flat_map(|measure| measure.columns());
        let keys = plan.sets.iter().flat_map(|(keys, _)| keys.iter().copied());
        let file = self.table(asked.frame, &read.chain(keys).collect())?;
        let place = || format!("计算{}", asked.source);
        let numbers = if plan.rows && !plan.measures.is_empty() {
            let kinds = vec![ColumnType::Integer; plan.measures.len()];
            let statement = numbers_statement(asked.frame, plan.measures)?;
            self.columns(&file, &statement, asked.frame.len(), &kinds).with_context(place)?
        } else {
            vec![Column::empty(ColumnType::Integer); plan.measures.len()]
        };
        let sets = plan.sets.iter().map(|(keys, wanted)| {
            let measures: Vec<&Measure> = wanted.iter().map(|&at| plan.measures[at]).collect();
            self.set(&file, asked, &measures, keys, plan.rows).with_context(place)
        });
        Ok((numbers, sets.collect::<anyhow::Result<_>>()?))
    }
}

/// Numbers of every kind as integers: decimals by their last place, dates by their day.
fn plain(column: &Column) -> Column {
    match column.kind() {
        ColumnType::Boolean | ColumnType::Text => column.clone(),
        ColumnType::Integer | ColumnType::Decimal(_) | ColumnType::Date => {
            Column::integers(column.iter_integers())
        }
    }
}

/// A key as the engine writes it.
fn text(key: &Column, at: usize) -> Option<String> {
    match key.kind() {
        ColumnType::Text => key.text(at).map(str::to_owned),
        ColumnType::Boolean => key.truth(at).map(|truth| truth.to_string()),
        _ => key.integer(at).map(|number| number.to_string()),
    }
}

fn integer(value: Option<&Option<String>>) -> anyhow::Result<Option<i128>> {
    let Some(Some(digits)) = value else { return Ok(None) };
    let number = digits.parse().with_context(|| format!("计算引擎给出的“{digits}”不是整数"))?;
    Ok(Some(number))
}

/// Rows considered, rows with a number, and their sum: of none it is missing.
fn added(numbers: &[Option<String>]) -> anyhow::Result<Added> {
    let count = |at: usize| -> anyhow::Result<u64> {
        let number = integer(numbers.get(at))?.context("计算引擎没有给出行数")?;
        Ok(u64::try_from(number)?)
    };
    let sum = integer(numbers.get(2))?.unwrap_or(0);
    Ok(Added { considered: count(0)?, used: count(1)?, sum })
}

fn column(kind: ColumnType, rows: &Rows, at: usize) -> anyhow::Result<Column> {
    let value = |row: &Vec<Option<String>>| row.get(at).cloned().flatten();
    Ok(match kind {
        ColumnType::Text => Column::texts(rows.iter().map(value)),
        ColumnType::Boolean => {
            let truths: Vec<Option<bool>> = rows
                .iter()
                .map(|row| value(row).map(|truth| truth.parse()).transpose())
                .collect::<Result<_, _>>()
                .context("计算引擎给出的不是是否")?;
            Column::booleans(truths)
        }
        _ => {
            let numbers: Vec<Option<i64>> = rows
                .iter()
                .map(|row| Ok(integer(row.get(at))?.map(i64::try_from).transpose()?))
                .collect::<anyhow::Result<_>>()?;
            Column::numbers(kind, numbers)
        }
    })
}

/// Where tables are while they are asked about; nothing of it is left.
#[derive(Debug)]
struct Folder {
    own: PathBuf,
    tables: PathBuf,
}

impl Folder {
    fn new(shared: Option<&Path>) -> anyhow::Result<Self> {
        let parent = shared.map_or_else(|| Ok(std::env::temp_dir()), std::path::absolute)?;
        let own = parent.join(format!("dangtong-engine-{}", std::process::id()));
        // A folder that is there already may be somebody else's.
        std::fs::create_dir(&own)
            .with_context(|| format!("建不了给计算引擎的文件夹 {}", own.display()))?;
        let folder = Self { tables: own.join("tables"), own };
        // Whoever shares a folder has decided who may read in it.
        let made = match shared {
            Some(_) => std::fs::create_dir(&folder.tables),
            None => system::private_folder(&folder.tables),
        };
        made.with_context(|| format!("建不了 {}", folder.tables.display()))?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If it cannot be removed, the system's own cleaning will.
        let _ = std::fs::remove_dir_all(&self.own);
    }
}

/// A table on disk.
#[derive(Debug)]
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        // As the folder.
        let _ = std::fs::remove_file(&self.0);
    }
}
