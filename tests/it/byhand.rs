//! The county's definitions over returns small enough to work out by hand. Rows are counted
//! from 1; each test says its arithmetic.

use std::fs;

use crate::case::{County, repository};

const UNIT: &str = "辽阳镇";

fn vote(case: u32, numbers: [u32; 6], result: &str) -> String {
    let [due, attended, written, yes, no, abstain] = numbers;
    format!(
        "case_no=FZ{case};round=2;meeting=支部大会票决(接收预备);held_on=2013-08-06;\
         should_attend={due};attended={attended};written={written};yes={yes};no={no};\
         abstain={abstain};result={result}"
    )
}

#[test]
fn p03_a_vote_needs_more_than_half_of_those_due() {
    let county = County::new();
    let rows = [
        // 8 × 2 = 16 is not more than 16: not passed.
        vote(1, [16, 16, 0, 8, 8, 0], "通过"),
        vote(2, [16, 16, 0, 8, 8, 0], "未通过"),
        // 9 × 2 = 18 > 16: passed.
        vote(3, [16, 16, 0, 9, 7, 0], "通过"),
        vote(4, [16, 16, 0, 9, 7, 0], "未通过"),
        // 8 of 16 is no quorum, 9 is.
        vote(5, [16, 8, 0, 8, 0, 0], "未通过"),
        vote(6, [16, 8, 0, 0, 0, 0], "会议无效"),
        vote(7, [16, 9, 0, 9, 0, 0], "通过"),
        // Two absent members wrote: 9 + 2 + 1 = 10 + 2.
        vote(8, [16, 10, 2, 9, 2, 1], "通过"),
        // 9 + 1 = 10: the written opinions are not in the tally.
        vote(9, [16, 10, 2, 9, 1, 0], "通过"),
    ];
    county.hand_in("2013-09", UNIT, "recruit_vote", &rows);
    let results = county.compute("2013-09");
    assert_eq!(results.failing_rows("F03V-01"), [5]);
    assert_eq!(results.failing_rows("F03V-02"), [1, 4]);
    assert_eq!(results.failing_rows("F03V-03"), [9]);
}

#[test]
fn p03_the_share_of_yes_is_of_those_due() {
    let county = County::new();
    let rows = [
        vote(1, [16, 16, 0, 8, 8, 0], "未通过"),
        vote(2, [16, 9, 0, 9, 0, 0], "通过"),
        vote(3, [16, 10, 2, 9, 2, 1], "通过"),
        // 会议无效: in no rate.
        vote(4, [16, 8, 0, 0, 0, 0], "会议无效"),
    ];
    county.hand_in("2013-09", UNIT, "recruit_vote", &rows);
    let results = county.compute("2013-09");
    // 2 of 3 = 66.67; (8 + 9 + 9) / 48 = 54.17; / (16 + 9 + 10) = 26 / 35 = 74.29.
    assert_eq!(results.numbers("recruit_vote_pass@140722100"), ["2", "3", "66.7"]);
    assert_eq!(results.numbers("recruit_approval@140722100"), ["26", "48", "54.2"]);
    assert_eq!(results.numbers("recruit_approval_present@140722100"), ["26", "35", "74.3"]);
}

#[test]
fn p03_a_notice_over_the_national_day_is_judged_by_both_rules() {
    let county = County::new();
    // 2013: off 1 to 7 October; Sunday 29 September and Saturday 12 October are worked.
    let dates = [
        // 7 days; worked: 30 September only.
        ("09-30", "10-06"),
        // 6 days, of which five (25, 26, 27, 29, 30) are worked.
        ("09-25", "09-30"),
        // 7 days; worked: 25, 26, 27, 29, 30 = 5.
        ("09-25", "10-01"),
        // 7 days; worked: 26, 27, 29, 30 = 4.
        ("09-26", "10-02"),
        // 5 days, all worked (8 to 12).
        ("10-08", "10-12"),
        // 7 days; worked: 8 to 12 and 14.
        ("10-08", "10-14"),
    ];
    let row = |(case, (start, end)): (usize, &(&str, &str))| {
        format!("case_no=FZ{case};kind=接收预备党员;start_on=2013-{start};end_on=2013-{end}")
    };
    let rows: Vec<String> = dates.iter().enumerate().map(row).collect();
    county.hand_in("2013-09", UNIT, "recruit_notice", &rows);
    let results = county.compute("2013-09");
    assert_eq!(results.failing_rows("F03N-01a"), [2, 5]);
    assert_eq!(results.failing_rows("F03N-01b"), [1, 4]);
}

#[test]
fn p03_probation_is_a_full_year() {
    let county = County::new();
    let dates = [
        ("2012-03-10", "2013-03-09"),
        ("2012-03-10", "2013-03-10"),
        // A year after 29 February is 28 February.
        ("2012-02-29", "2013-02-27"),
        ("2012-02-29", "2013-02-28"),
    ];
    let row = |(case, (passed, regular)): (usize, &(&str, &str))| {
        format!("case_no=FZ{case};birth=1980-05-01;branch_pass_on={passed};regular_on={regular}")
    };
    let rows: Vec<String> = dates.iter().enumerate().map(row).collect();
    county.hand_in("2013-09", UNIT, "recruit_case", &rows);
    assert_eq!(county.compute("2013-09").failing_rows("F03-01f"), [1, 3]);
}

/// Items of a rating: 带头人 gives what the other six, together 70 or 55, leave open.
fn rating(code: u32, leader: &str, others: u32, score: &str, grade: &str) -> String {
    let masses = others - 55;
    format!(
        "org_code={code};domain=农村;members_due=10;members_voted=10;masses_voted=0;v_good=10;\
         v_fairly=0;v_mid=0;v_poor=0;s_leader={leader};s_plan=10;s_rules=10;s_venue=10;\
         s_support=10;s_result=15;s_masses={masses};score={score};grade={grade}"
    )
}

#[test]
fn p11_bands_include_their_lower_bound() {
    let county = County::new();
    let rows = [
        rating(1, "20", 70, "90", "好"),
        rating(2, "19.99", 70, "89.99", "好"),
        rating(3, "10", 70, "80", "较好"),
        rating(4, "9.99", 70, "79.99", "较好"),
        rating(5, "5", 55, "60", "一般"),
        rating(6, "4.99", 55, "59.99", "一般"),
        rating(7, "4.99", 55, "59.99", "较差"),
    ];
    county.hand_in("2013-06", UNIT, "org_rating", &rows);
    let results = county.compute("2013-06");
    assert_eq!(results.failing_rows("F05-02"), [2, 4, 6]);
    assert!(results.failures("F05-01a").is_empty() && results.failures("F05-04").is_empty());
}

#[test]
fn p11_grades_are_counted_and_averaged_exactly() {
    let county = County::new();
    let rows = [
        rating(1, "20", 70, "90", "好"),
        rating(3, "10", 70, "80", "较好"),
        rating(5, "5", 55, "60", "一般"),
        rating(7, "4.99", 55, "59.99", "较差"),
    ];
    county.hand_in("2013-06", UNIT, "org_rating", &rows);
    let results = county.compute("2013-06");
    assert_eq!(results.numbers("good_or_better@140722100"), ["2", "4", "50.0"]);
    // 90 + 80 + 60 + 59.99 = 289.99; a quarter is 72.4975.
    assert_eq!(results.numbers("rating_score@140722100"), ["289.99", "4", "72.50"]);
}

fn member(branch: u32, number: u32, grade: &str, score: u32) -> String {
    format!(
        "org_code={branch};name=党员{number:04};id_tail={number:04};score_base={score};score_add=0;\
         score_cut=0;score={score};votes=10;voters_due=10;v_excellent=10;v_ok=0;v_basic=0;v_fail=0;\
         v_abstain=0;grade_branch={grade};grade_town={grade};grade_final={grade}"
    )
}

#[test]
fn p04_at_most_a_third_is_excellent() {
    // Of 10: 3 × 3 = 9 ≤ 10, 4 × 3 = 12 > 10. Of 11: 9 ≤ 11, 12 > 11. Of 12: 12 ≤ 12, 15 > 12.
    let branches = [(10, 3), (10, 4), (11, 3), (11, 4), (12, 4), (12, 5)];
    let mut rows = Vec::new();
    let mut first_rows = Vec::new();
    for (branch, (members, excellent)) in (1u32..).zip(branches) {
        first_rows.push(rows.len() as u32 + 1);
        for place in 0..members {
            let grade = if place < excellent { ("优秀", 95) } else { ("合格", 80) };
            rows.push(member(branch, rows.len() as u32, grade.0, grade.1));
        }
    }
    let county = County::new();
    county.hand_in("2013-09", UNIT, "member_review", &rows);
    let results = county.compute("2013-09");
    assert_eq!(results.failing_rows("F04-04"), [first_rows[1], first_rows[3], first_rows[5]]);
    assert!(results.failures("F04-03").is_empty());
    // 23 优秀 of 66 = 34.85.
    assert_eq!(results.numbers("excellent_rate@140722100"), ["23", "66", "34.8"]);
}

#[test]
fn p04_a_member_in_two_branches_is_asked_about_without_a_name() {
    let county = County::new();
    let rows = [member(1, 1, "合格", 80), member(1, 2, "合格", 80), member(2, 1, "合格", 80)];
    county.hand_in("2013-09", UNIT, "member_review", &rows);
    let results = county.compute("2013-09");
    assert_eq!(results.failing_rows("F04-06e"), [1, 3]);
    for finding in results.failures("F04-06e") {
        let said = format!("{}{}{}", finding.message, finding.seen, finding.expected);
        assert!(!said.contains("党员0001") && !said.contains("0001"), "{said}");
    }
}

#[test]
fn p06_enterprises_are_covered_not_organisations() {
    // 204 organisations of one enterprise and 102 joint ones: 306. The joint ones cover
    // 1,948 − 204 = 1,744 enterprises: 17 each, and 10 have one more (102 × 17 = 1,734).
    let mut rows = Vec::new();
    let mut enterprise = |kind: &str, organisation: Option<u32>| {
        let code = rows.len();
        let organisation = organisation.map_or_else(String::new, |o| format!("9{o:05}"));
        rows.push(format!(
            "ent_code=E{code};op_status=实体运营;full_members=3;form_kind={kind};org_code={organisation}"
        ));
    };
    (0..204).for_each(|own| enterprise("单独组建", Some(own)));
    for joint in 0..102 {
        for _ in 0..(if joint < 10 { 18 } else { 17 }) {
            enterprise("联合组建", Some(204 + joint));
        }
    }
    (1948..5117).for_each(|_| enterprise("空白", None));
    let county = County::new();
    county.hand_in("2013-09", "非公工委", "nonpublic_ent", &rows);
    let results = county.compute("2013-09");
    // 1948 / 5117 = 0.38069…: 38.07 %, printed with one decimal. 204 / 5117 = 3.987 %.
    assert_eq!(results.numbers("org_coverage@140722305"), ["1948", "5117", "38.1"]);
    assert_eq!(results.numbers("own_rate@140722305"), ["204", "5117", "4.0"]);
    let exact = results.figure("org_coverage@140722305").exact.unwrap();
    assert_eq!(exact.round(2).to_string(), "38.07");
}

#[test]
fn p20_transfers_inside_the_county_cancel_out() {
    let flow = |moved: (u32, u32)| {
        let actual = 10 + moved.0 - moved.1;
        [format!(
            "prev_total=10;inc_in_county={};dec_in_county={};expected={actual};actual={actual};gap=0;year_ago=10",
            moved.0, moved.1
        )]
    };
    for (arrived, findings) in [(3, 0), (2, 1)] {
        let county = County::new();
        let register = repository().join("pipelines/zuoquan/registers/unit.csv");
        for (index, unit) in csv::Reader::from_path(register).unwrap().records().enumerate() {
            let unit = unit.unwrap();
            if &unit[3] == "office" {
                continue;
            }
            let moved = [(0, 3), (arrived, 0), (0, 0)][index.min(2)];
            let rows = flow(moved).map(|row| format!("committee_code={};{row}", &unit[0]));
            county.hand_in("2013-10", &unit[1], "member_flow", &rows);
        }
        let results = county.compute("2013-10");
        let failures = results.failures("F01-06");
        assert_eq!(failures.len(), findings);
        let arrived = arrived.to_string();
        assert_eq!(results.numbers("member_in_county@140722")[0], arrived);
        assert_eq!(results.numbers("member_out_county@140722")[0], "3");
        // 18 committees of 10 members; a member on the way is in nobody's books.
        let total = if findings == 0 { "180" } else { "179" };
        assert_eq!(results.numbers("member_actual@140722")[2], total);
        for finding in failures {
            assert_eq!(
                (finding.seen.as_str(), finding.message.contains("转出合计 3 人")),
                ("2", true)
            );
            assert!(finding.unit.is_empty(), "the county is asked, nobody is rejected");
        }
    }
}

#[test]
fn p01_the_highest_and_the_lowest_of_five_raters_do_not_count() {
    let spot = |rater: u32, items: [u32; 4], mean: &str| {
        let [s1, s2, s3, s4] = items;
        let score: u32 = items.iter().sum();
        format!(
            "rater={rater:02};s1={s1};s2={s2};s3={s3};\
             s4={s4};score={score};trim_mean={mean};rank=1;committee_place=1;visit_no=1"
        )
    };
    // 70, 84, 85, 87, 99: without 70 and 99, (84 + 85 + 87) / 3 = 85.333….
    let items =
        [[10, 20, 25, 15], [18, 24, 24, 18], [18, 25, 24, 18], [19, 25, 25, 18], [20, 30, 30, 19]];
    for (mean, wrong) in [("85.33", 0), ("85.34", 5), ("85.00", 5)] {
        // A tour of one spot: every rater has to score every spot.
        let county = County::with(|pipeline| {
            let spots = "code,name,aliases,valid_from,valid_to\ndonggou,东沟村,,,\n";
            std::fs::write(pipeline.join("registers/inspection_spot.csv"), spots).unwrap();
        });
        let rows: Vec<String> =
            (1..).zip(items).map(|(rater, items)| spot(rater, items, mean)).collect();
        county.hand_in("2013-10", "县委组织部", "observation_spot", &rows);
        let results = county.compute("2013-10");
        assert_eq!(results.failures("F17-01d").len(), wrong, "{mean}");
        if wrong == 0 {
            assert_eq!(results.numbers("spot_score@140722"), ["256.00", "3", "85.33"]);
        }
    }
}

fn case(number: u32, rest: &str) -> String {
    format!("case_no=A{number};studio_code=140722100;registered_on=2013-09-02;{rest}")
}

#[test]
fn p09_thirty_working_days_are_counted_over_the_holidays() {
    // After Monday 2 September 2013: 3–6 (4), 9–13 (9), 16–18 (12), off 19–21, Sunday 22 (13),
    // 23–27 (18), Sunday 29 and 30 (20), off 1–7 October, 8–12 with Saturday (25), 14–18 (30).
    // Fifteen more: 21–25 (35), 28–1 November (40), 4–8 November (45).
    let county = County::new();
    let answered = |number, due: &str, replied: &str| {
        case(number, &format!("route=工作室办理;due_on={due};replied_on={replied};outcome=已解决"))
    };
    let rows = [
        answered(1, "2013-10-18", "2013-10-18"),
        answered(2, "2013-10-18", "2013-10-21"),
        answered(3, "2013-11-08", "2013-11-08"),
        answered(4, "2013-11-08", "2013-11-11"),
        // 转信访 is passed on, not answered here: in no rate.
        case(5, "route=转信访;due_on=2013-10-18;forwarded_on=2013-09-03"),
        // Never answered: late from the day on which its time is up, the month's last day included.
        case(6, "route=工作室办理;due_on=2013-10-18;outcome=在办"),
        case(7, "route=工作室办理;due_on=2013-11-30;outcome=在办"),
        // Not due before December: on neither side.
        case(8, "route=工作室办理;due_on=2013-12-02;outcome=在办"),
    ];
    county.hand_in("2013-11", UNIT, "delegate_case", &rows);
    let results = county.compute("2013-11");
    // More than 30 days is explained by the notice of extension; the base of 按时 is its own term.
    assert_eq!(results.failing_rows("F07C-02b"), [2, 3, 4]);
    assert_eq!(results.failing_rows("F07C-02d"), [6, 7]);
    // Cases 1 and 3 in time; 2 and 4 late, 6 and 7 later still.
    assert_eq!(results.numbers("on_time_rate@140722100"), ["2", "6", "33.3"]);
    assert_eq!(results.numbers("overdue_rate@140722100"), ["4", "6", "66.7"]);
    // (30 + 31 + 45 + 46) / 4 = 38.
    assert_eq!(results.numbers("average_days@140722100"), ["152", "4", "38.0"]);
    assert_eq!(results.numbers("ledger_cases@140722100")[2], "8");
    assert_eq!(results.numbers("outcome_share@140722100@solved"), ["4", "7", "57.1"]);
}

#[test]
fn equal_rates_share_a_place_and_the_next_one_is_left_out() {
    let county = County::new();
    let covered = |unit: &str, covered: u32, all: u32| {
        let row = |at| {
            let kind = if at < covered { "挂靠;org_code=1" } else { "空白" };
            format!("ent_code={unit}{at};op_status=实体运营;form_kind={kind}")
        };
        let rows: Vec<String> = (0..all).map(row).collect();
        county.hand_in("2013-09", unit, "nonpublic_ent", &rows);
    };
    // 100, 50, 50 and 0 per cent; the two halves are 1 of 2 and 3 of 6.
    covered("辽阳镇", 4, 4);
    covered("桐峪镇", 1, 2);
    covered("麻田镇", 3, 6);
    covered("芹泉镇", 0, 3);
    // Another group has a ranking of its own.
    covered("经贸系统", 1, 4);
    let results = county.compute("2013-09");
    let place = |unit: &str| {
        let place = results.figure(&format!("org_coverage@{unit}")).place.clone().unwrap();
        (place.place, place.tied, place.of)
    };
    assert_eq!(place("140722100"), (1, false, 4));
    assert_eq!(place("140722101"), (2, true, 4));
    assert_eq!(place("140722102"), (2, true, 4));
    assert_eq!(place("140722103"), (4, false, 4));
    assert_eq!(place("140722302"), (1, false, 1));
}

fn secretary(number: u32, vote_score: &str, score: &str, rank: u32) -> String {
    // Above: 10 ballots 好 = 100. Own unit: 10 ballots 较好 = 85.
    format!(
        "name=书记{number:04};org_code={number};level=村;ballots_out=20;ballots_in=20;ballots_valid=20;\
         v_good=10;v_fairly=10;v_mid=0;v_poor=0;own_valid=10;own_good=0;own_fairly=10;own_mid=0;\
         own_poor=0;vote_score={vote_score};daily_score=90;field_score=80;bonus=0;score={score};rank={rank}"
    )
}

#[test]
fn p13_forty_points_of_ballots_are_twenty_four_and_sixteen() {
    let county = County::new();
    let rows = [
        // 100 × 24/40 + 85 × 16/40 = 60 + 34 = 94; 94 × 40 % + 90 × 40 % + 80 × 20 % = 89.6.
        secretary(1, "94", "89.60", 1),
        // The plain mean of the 20 ballots, 92.5, is not what counts: 37 + 36 + 16 = 89.
        secretary(2, "92.50", "89.00", 2),
        secretary(3, "94", "89.61", 3),
    ];
    county.hand_in("2012-12", UNIT, "secretary_review", &rows);
    let results = county.compute("2012-12");
    assert_eq!(results.failing_rows("F06-02c"), [2]);
    assert_eq!(results.failing_rows("F06-02b"), [3]);
    assert!(results.failures("F06-02a").is_empty());
}

#[test]
fn p13_weights_that_do_not_sum_to_a_hundred_are_found() {
    let county = County::with(|pipeline| {
        let path = pipeline.join("programmes/p13-review.toml");
        let text = fs::read_to_string(&path).unwrap();
        let changed = text.replace("24 + 16 + 40 + 20 END", "24 + 16 + 40 + 30 END");
        assert_ne!(changed, text);
        fs::write(path, changed).unwrap();
    });
    county.hand_in("2012-12", UNIT, "secretary_review", &[secretary(1, "94", "89.60", 1)]);
    assert_eq!(county.compute("2012-12").failing_rows("F06-02a"), [1]);
}

#[test]
fn p13_ranks_are_shared_and_the_next_is_left_out() {
    let county = County::new();
    let row = |number, bonus: &str, score: &str, rank| {
        secretary(number, "94", score, rank).replace("bonus=0", &format!("bonus={bonus}"))
    };
    // 91.6, 90.6, 90.6, 89.6: 1, 2, 2, 4; the fifth should be 5.
    let rows = [
        row(1, "2", "91.60", 1),
        row(2, "1", "90.60", 2),
        row(3, "1", "90.60", 2),
        row(4, "0", "89.60", 4),
        row(5, "-1", "88.60", 4),
    ];
    county.hand_in("2012-12", UNIT, "secretary_review", &rows);
    assert_eq!(county.compute("2012-12").failing_rows("F06-05"), [5]);
}
