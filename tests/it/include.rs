//! Definitions that several counties share: a folder that is included, and what a county has itself
//! instead.

use std::fs;

use dangtong::definition;

use crate::case::Case;

/// The clean mini county, its programmes and code lists in a folder beside the pipeline.
fn county() -> Case {
    let case = Case::mini_clean();
    let common = case.path("common");
    fs::create_dir_all(&common).unwrap();
    for name in ["programmes", "codelists.toml"] {
        fs::rename(case.path("pipeline").join(name), common.join(name)).unwrap();
    }
    let settings = case.path("pipeline/pipeline.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("include = [\"../common\"]\n{text}")).unwrap();
    case
}

#[test]
fn what_is_shared_counts_and_what_the_county_has_goes_before() {
    let plain = Case::mini_clean();
    plain.run().expect_code(0);
    let shared = county();
    shared.run().expect_code(0);
    shared.verify().expect_code(0);
    assert_eq!(shared.csv("figures.csv"), plain.csv("figures.csv"));
    // The county counts what is registered without 1: a rate of its own under the same id.
    let own = "id = \"cases\"\ntitle = \"办件\"\norder = 10\n[[indicator]]\nid = \"registered_total\"\n\
               title = \"本月登记（加一）\"\nform = \"cases\"\nkind = \"sum\"\nnumerator = \"registered + 1\"\n\
               measure = \"件\"\nby = [\"unit\"]\nkey = true\n";
    fs::create_dir_all(shared.path("pipeline/programmes")).unwrap();
    fs::write(shared.path("pipeline/programmes/cases.toml"), own).unwrap();
    shared.run().expect_code(0);
    // 6 + 3 + 4 registered in three rows, one more in each; the rate is the shared one.
    assert_eq!(plain.figure("registered_total@100"), "13");
    assert_eq!(shared.figure("registered_total@100"), "16");
    assert_eq!(shared.figure("closing_rate@100"), plain.figure("closing_rate@100"));
    shared.verify().expect_code(0);
}

#[test]
fn a_folder_that_is_not_there_is_refused_where_it_is_named() {
    let case = Case::mini();
    let settings = case.path("pipeline/pipeline.toml");
    let text = fs::read_to_string(&settings).unwrap();
    for (folder, says) in [
        ("../comon", "没有这个文件夹"),
        ("/etc", "相对于本管线目录的路径"),
        ("registers\", \"registers", "写了两次"),
    ] {
        fs::write(&settings, format!("include = [\"{folder}\"]\n{text}")).unwrap();
        let problems = definition::load(&case.path("pipeline")).unwrap_err();
        let told = problems.iter().find(|p| p.message.contains(says));
        let told = told.unwrap_or_else(|| panic!("{folder}: {problems:#?}"));
        assert_eq!((told.file.as_str(), told.line), ("pipeline.toml", 1));
    }
}
