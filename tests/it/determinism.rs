//! Same returns, definitions and version give the same bytes: any thread count, folder, locale
//! and time zone.

use crate::case::{Case, copy_folder, files, program};

#[test]
fn threads_folder_locale_and_time_zone_do_not_matter() {
    let case = Case::mini_clean();
    let moved = Case::mini();
    copy_folder(&case.path("returns"), &moved.path("returns"));
    let run = |case: &Case, threads: &str, locale: &str, zone: &str| {
        let out = case.path(&format!("out-{threads}"));
        let status = program()
            .args(["run", "--period", "2013-10", "--threads", threads, "--pipeline"])
            .arg(case.path("pipeline"))
            .arg("--returns")
            .arg(case.path("returns"))
            .arg("--out")
            .arg(&out)
            .env("LC_ALL", locale)
            .env("TZ", zone)
            .current_dir(case.path("."))
            .status()
            .unwrap();
        assert!(status.success());
        files(&out)
    };
    let one = run(&case, "1", "C", "UTC");
    assert!(one.len() > 6, "{:?}", one.keys());
    for other in
        [run(&case, "2", "zh_CN.UTF-8", "Asia/Shanghai"), run(&moved, "2", "de_DE", "America/Lima")]
    {
        assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, bytes) in &one {
            assert!(*bytes == other[name], "{name} differs");
        }
    }
}
