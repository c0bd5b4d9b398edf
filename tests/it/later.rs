//! What happens after the sample's last month: the city accepts lagging villages, secretaries
//! report for 2013, villages elect. Worked out by hand; rows are counted from 1.

use crate::case::County;

const UNIT: &str = "辽阳镇";

fn lagging(village: u32, rest: &str) -> String {
    format!(
        "village_code=140722100{village};org_code=140722100010000{village};identified_on=2013-01-10;\
         n_problems=5;n_measures=6;n_solved=4;team=3;days_in_village=8;score_county=75;\
         county_verdict=合格;v_ok=8;v_all=10;{rest}"
    )
}

const ACCEPTED: &str = "score_city=75;verdict=合格;grade_after=一般";
const CONTINUED: &str = "score_city=60;verdict=继续整顿;grade_after=较差";

#[test]
fn p14_a_village_stays_on_the_list_until_the_year_of_its_acceptance_ends() {
    let county = County::new();
    let november = [lagging(217, ACCEPTED), lagging(220, CONTINUED), lagging(230, "")];
    county.hand_in("2013-11", UNIT, "lagging_village", &november);
    let results = county.compute("2013-11");
    // Three are listed, one of them 合格; 230, where the city has not been, is not converted.
    assert_eq!(results.numbers("lagging_villages@140722100")[2], "3");
    assert_eq!(results.numbers("lagging_conversion@140722100"), ["1", "3", "33.3"]);

    // 217 leaves before the year is over, 230 without a verdict.
    county.hand_in("2013-12", UNIT, "lagging_village", &[lagging(220, CONTINUED)]);
    let results = county.compute("2013-12");
    let left: Vec<&str> = results.failures("F13-04a").iter().map(|f| f.seen.as_str()).collect();
    assert_eq!(left, ["140722100217", "140722100230"]);

    // In December 217 is still there, but its verdict is gone.
    let december = [lagging(217, ""), lagging(220, ACCEPTED), lagging(230, ACCEPTED)];
    county.hand_in("2013-12", UNIT, "lagging_village", &december);
    let results = county.compute("2013-12");
    assert_eq!(results.failing_rows("F13-04d"), [1]);
}

#[test]
fn p14_an_accepted_village_that_comes_back_is_asked_about() {
    let county = County::new();
    let november = [lagging(217, ACCEPTED), lagging(220, CONTINUED)];
    county.hand_in("2013-11", UNIT, "lagging_village", &november);
    let december = [lagging(217, ACCEPTED), lagging(220, ACCEPTED)];
    county.hand_in("2013-12", UNIT, "lagging_village", &december);
    let results = county.compute("2013-12");
    assert!(results.failures("F13-04a").is_empty() && results.failures("F13-05b").is_empty());
    // Both, also the one that was done in November.
    assert_eq!(results.numbers("lagging_conversion@140722100"), ["2", "2", "100.0"]);
    // In January 220 has gone, as it may, and 217 is back.
    county.hand_in("2014-01", UNIT, "lagging_village", &[lagging(217, "")]);
    let results = county.compute("2014-01");
    assert!(results.failures("F13-04a").is_empty());
    assert_eq!(results.failing_rows("F13-05b"), [1]);
}

#[test]
fn p14_seventy_points_and_half_of_the_masses_are_enough() {
    let county = County::new();
    let verdict = |village, score: &str, satisfied: u32| {
        let row = lagging(village, &format!("score_city={score};verdict=合格;grade_after=一般"));
        row.replace("v_ok=8", &format!("v_ok={satisfied}"))
    };
    let rows = [
        verdict(217, "70", 5),
        verdict(220, "69.9", 5),
        // Six of ten are dissatisfied: more than half.
        verdict(230, "90", 4),
    ];
    county.hand_in("2013-11", UNIT, "lagging_village", &rows);
    assert_eq!(county.compute("2013-11").failing_rows("F13-02a"), [2, 3]);
}

fn secretary(number: u32, organisation: &str, daily: u32, score: &str, rest: &str) -> String {
    // All ballots 好: 100 points of 测评. 100 × 40 % + daily × 40 % + 80 × 20 %.
    format!(
        "name=书记{number:04};org_code={organisation};level=村;ballots_out=20;ballots_in=20;\
         ballots_valid=20;v_good=20;v_fairly=0;v_mid=0;v_poor=0;own_valid=10;own_good=10;\
         own_fairly=0;own_mid=0;own_poor=0;vote_score=100;daily_score={daily};field_score=80;\
         bonus=0;score={score};held_on=2013-12-20;{rest}"
    )
}

#[test]
fn p13_the_review_of_2013_is_due_in_december() {
    let county = County::new();
    let rows = [
        // 40 + 36 + 16 = 92; the village is on the list of lagging ones.
        secretary(1, "140722100010000217", 90, "92", "grade=好;rank=1;use=表彰"),
        // 40 + 32 + 16 = 88.
        secretary(2, "140722100010000218", 80, "88", "grade=较好;rank=2;use=无"),
    ];
    county.hand_in("2013-12", UNIT, "secretary_review", &rows);
    county.hand_in("2013-12", UNIT, "lagging_village", &[lagging(217, "")]);
    let results = county.compute("2013-12");
    assert_eq!(results.failing_rows("F06-06b"), [1]);
    for code in ["F06-01b", "F06-01c", "F06-02b", "F06-02c", "F06-05"] {
        assert!(results.failures(code).is_empty(), "{code}");
    }
    assert_eq!(results.numbers("village_secretary_score@140722100"), ["180.00", "2", "90.00"]);
    assert_eq!(results.numbers("review_linked_use@140722100"), ["1", "2", "50.0"]);
    let period = &results.figure("village_secretary_score@140722100").period;
    assert_eq!(period.to_string(), "2013");
}

fn election(village: u32, kind: &str, numbers: [u32; 4], rest: &str) -> String {
    let [eligible, voted, elected, women] = numbers;
    format!(
        "village_code=140722100{village};election={kind};eligible={eligible};voted={voted};\
         valid={voted};candidates={};by_margin=是;seats={elected};elected={elected};women={women};\
         lowest_votes={voted};held_on=2014-11-20;finished=是;{rest}",
        elected + 1
    )
}

#[test]
fn p17_results_of_the_elections_are_counted_by_their_own_bases() {
    let county = County::new();
    let rows = [
        election(217, "村党组织", [20, 16, 3, 1], "first_try=是;one_head=是;official_elected=是"),
        election(217, "村民委员会", [400, 201, 4, 1], "first_try=是;official_elected=否"),
        election(220, "村党组织", [30, 30, 3, 0], "first_try=否;one_head=否;official_elected=否"),
        "village_code=140722100220;election=村民委员会;eligible=350;seats=3;finished=否".to_owned(),
    ];
    county.hand_in("2014-12", UNIT, "term_result", &rows);
    county.hand_in("2014-12", UNIT, "lagging_village", &[lagging(217, "")]);
    let results = county.compute("2014-12");
    // 220 has not finished and is not on the list of lagging villages.
    assert_eq!(results.failing_rows("F16R-05"), [4]);

    county.hand_in("2014-12", UNIT, "lagging_village", &[lagging(220, "")]);
    let results = county.compute("2014-12");
    assert!(results.failures("F16R-05").is_empty());
    // Three of four elections.
    assert_eq!(results.numbers("election_done_rate@140722100"), ["3", "4", "75.00"]);
    assert_eq!(results.numbers("election_first_try@140722100"), ["2", "3", "66.7"]);
    assert_eq!(results.numbers("election_one_head@140722100"), ["1", "2", "50.0"]);
    // 2 of 10 elected are women.
    assert_eq!(results.numbers("election_women@140722100"), ["2", "10", "20.0"]);
    assert_eq!(results.numbers("election_officials@140722100")[2], "1");
    // Where nobody has voted yet, the row is in no turnout: (16 + 201 + 30) / (20 + 400 + 30).
    assert_eq!(results.numbers("election_turnout@140722100"), ["247", "450", "54.9"]);
}

#[test]
fn p17_more_than_half_means_another_base_in_each_election() {
    let county = County::new();
    let rows = [
        // Sixteen of twenty members are four fifths, fifteen are not.
        election(217, "村党组织", [20, 16, 3, 0], ""),
        election(220, "村党组织", [20, 15, 3, 0], ""),
        // 201 of 400 voters are more than half, 200 are not.
        election(217, "村民委员会", [400, 201, 4, 0], ""),
        election(220, "村民委员会", [400, 200, 4, 0], ""),
        // The winner needs more than half of those who came: 9 of 16 and 101 of 201.
        election(230, "村党组织", [20, 16, 3, 0], "").replace("lowest_votes=16", "lowest_votes=8"),
        election(231, "村党组织", [20, 16, 3, 0], "").replace("lowest_votes=16", "lowest_votes=9"),
        election(230, "村民委员会", [400, 201, 4, 0], "").replace("votes=201", "votes=100"),
        election(231, "村民委员会", [400, 201, 4, 0], "").replace("votes=201", "votes=101"),
    ];
    county.hand_in("2014-12", UNIT, "term_result", &rows);
    let results = county.compute("2014-12");
    assert_eq!(results.failing_rows("F16R-02"), [2]);
    assert_eq!(results.failing_rows("F16R-01a"), [4]);
    assert_eq!(results.failing_rows("F16R-03"), [5]);
    assert_eq!(results.failing_rows("F16R-01b"), [7]);
}
