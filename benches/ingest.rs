//! Reading speed: `collect` against calamine's own reading of the same files, in one run, and
//! the cost of a file as counties are added.
//!
//! calamine gives the values of all cells and is asked for nothing else. `collect` reads the same
//! cells and besides: number formats, formulas, what is merged and hidden, cells that stand there
//! twice; it hashes each file, finds forms and units, and types every value by the data contract.
//! Both allocate as the program does.
//!
//! ```sh
//! python3 benches/make_county.py FOLDER 1 100
//! cargo bench --bench ingest -- FOLDER
//! ```
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx, open_workbook};
use dangtong::cache::Cache;
use dangtong::collect::{ReadRequest, collect};
use dangtong::model::Period;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn workbooks(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// calamine alone, one file after another: all cells of all sheets.
fn calamine_cells(folder: &Path) -> usize {
    let mut cells = 0;
    for path in workbooks(folder) {
        let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
        for name in workbook.sheet_names() {
            cells += workbook.worksheet_range(&name).unwrap().used_cells().count();
        }
    }
    cells
}

fn best_of<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let time = |_| {
        let begin = Instant::now();
        std::hint::black_box(work());
        begin.elapsed()
    };
    (0..runs).map(time).min().unwrap_or_default()
}

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let Some(folder) = folder.map(PathBuf::from) else {
        println!("usage: cargo bench --bench ingest -- FOLDER   (made by benches/make_county.py)");
        return;
    };
    let definition = dangtong::definition::load(&folder.join("pipeline")).expect("definition");
    let month = Period::parse("2013-10");
    let ingest = |returns: &Path| {
        collect(&ReadRequest {
            definition: &definition,
            returns,
            folders: std::slice::from_ref(&month),
            reader: PathBuf::new(),
            cache: &Cache::none(),
        })
        .expect("collect")
    };
    let returns = folder.join("returns");
    let month_folder = returns.join("2013-10");
    let cells = calamine_cells(&month_folder);
    // One thread for both: the ratio is about work, not about cores.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let rival = best_of(7, || calamine_cells(&month_folder));
    let ours = pool.install(|| best_of(7, || ingest(&returns)));
    println!("{cells} cells in {} files", workbooks(&month_folder).len());
    println!("calamine alone       {rival:?}");
    println!(
        "collect, one thread  {ours:?}  {:.2} x calamine",
        ours.as_secs_f64() / rival.as_secs_f64()
    );

    let counties: Vec<PathBuf> =
        (2..).map(|n| folder.join(format!("returns-{n}"))).take_while(|p| p.exists()).collect();
    let mut read = 0;
    let begin = Instant::now();
    for (n, county) in (2..).zip(&counties) {
        read += std::hint::black_box(ingest(county)).files.len();
        if n == 2 || n % 25 == 0 {
            println!("{n:>4} counties: {:?} a file", begin.elapsed() / read as u32);
        }
    }
}
