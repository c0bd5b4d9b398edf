//! The codes of the findings that collecting returns and taking what was handed up can raise;
//! [`builtin`](super::builtin) says what they mean.

pub(crate) use super::AMENDED; // "C-56"

pub(crate) const UNREADABLE_FILE: &str = "C-01";
pub(crate) const ENCRYPTED_FILE: &str = "C-02";
pub(crate) const UNSUPPORTED_FORMAT: &str = "C-03";
pub(crate) const UNSAFE_FILE: &str = "C-04";
pub(crate) const NO_FORM_IN_FILE: &str = "C-05";
pub(crate) const UNKNOWN_SHEET: &str = "C-06";
pub(crate) const HIDDEN_SHEET: &str = "C-07";
pub(crate) const HIDDEN_ROWS: &str = "C-08";
pub(crate) const HIDDEN_COLUMNS: &str = "C-09";
pub(crate) const HIDDEN_REFUSED: &str = "C-10";
pub(crate) const HIDDEN_UNKNOWN: &str = "C-11";
pub(crate) const UNIT_NOT_STATED: &str = "C-12";
pub(crate) const UNIT_FROM_FILE_NAME: &str = "C-13";
pub(crate) const UNIT_UNKNOWN: &str = "C-14";
pub(crate) const UNIT_CONFLICT: &str = "C-15";
pub(crate) const SEVERAL_UNITS: &str = "C-16";
pub(crate) const PERIOD_NOT_STATED: &str = "C-17";
pub(crate) const PERIOD_UNREADABLE: &str = "C-18";
pub(crate) const PERIOD_CONFLICT: &str = "C-19";
pub(crate) const FORM_NOT_DUE: &str = "C-20";
pub(crate) const FORM_AMBIGUOUS: &str = "C-21";
pub(crate) const MISSING_COLUMN: &str = "C-22";
pub(crate) const UNKNOWN_COLUMN: &str = "C-23";
pub(crate) const REPEATED_COLUMN: &str = "C-24";
pub(crate) const COLUMN_UNIT: &str = "C-25";
pub(crate) const RIVAL_RETURNS: &str = "C-26";
pub(crate) const SUPERSEDED_RETURN: &str = "C-27";
pub(crate) const DECLARATION_LINE: &str = "C-28";
pub(crate) const EMPTY_RETURN: &str = "C-29";
pub(crate) const ROWS_OUTSIDE: &str = "C-30";
pub(crate) const ROWS_IGNORED: &str = "C-31";
pub(crate) const FILED_ON_UNREADABLE: &str = "C-32";
pub(crate) const DATA_WITHOUT_HEADER: &str = "C-33";
pub(crate) const READER_FAILED: &str = "C-34";
pub(crate) const CONTRADICTION: &str = "C-35";
pub(crate) const TEMPORARY_FILE: &str = "C-36";
pub(crate) const NOT_A_FILE: &str = "C-37";
pub(crate) const NAME_UNREADABLE: &str = "C-38";
pub(crate) const NO_ACCESS: &str = "C-39";
pub(crate) const NUMBERS_OR_DATA: &str = "C-41";
pub(crate) const OTHER_PERIODS: &str = "C-42";
pub(crate) const SAME_FILE: &str = "C-43";
pub(crate) const SHEET_NOT_NEEDED: &str = "C-44";
pub(crate) const SENTENCE: &str = "C-45";
pub(crate) const ARRIVED_AND_GONE: &str = "C-46";
pub(crate) const LIKE_A_TOTAL: &str = "C-47";
pub(crate) const TABLE_CUT: &str = "C-51";
pub(crate) const LAST_CELL_OPEN: &str = "C-52";
pub(crate) const MISNAMED_FILE: &str = "C-53";
pub(crate) const SHEET_WITHOUT_CELLS: &str = "C-54";
pub(crate) const TEXTS_MISCOUNTED: &str = "C-55";
pub(crate) const OLD_EDITION: &str = "C-57";
pub(crate) const OTHERS_TEMPLATE: &str = "C-58";
pub(crate) const COLUMN_GONE: &str = "C-59";
pub(crate) const COLUMNS_MOVED: &str = "C-60";

pub(crate) const HANDUP_DAMAGED: &str = "C-61";
pub(crate) const HANDUP_OF_OTHER_DEFINITIONS: &str = "C-62";
pub(crate) const HANDUP_OF_OTHER_PERIOD: &str = "C-63";
pub(crate) const HANDUP_RIVALS: &str = "C-64";
pub(crate) const HANDUP_TWICE: &str = "C-65";
pub(crate) const HANDUP_OF_OTHER_REGISTER: &str = "C-66";
pub(crate) const HANDUP_ABSENT: &str = "C-67";

/// Does it say that what somebody handed up, or did not, is not in the figures?
pub(crate) fn is_refusal(code: &str) -> bool {
    [
        HANDUP_DAMAGED,
        HANDUP_OF_OTHER_DEFINITIONS,
        HANDUP_OF_OTHER_PERIOD,
        HANDUP_RIVALS,
        HANDUP_OF_OTHER_REGISTER,
        HANDUP_ABSENT,
    ]
    .contains(&code)
}
pub(crate) const NUMBER_UNREADABLE: &str = "D-01";
pub(crate) const NOT_AN_INTEGER: &str = "D-02";
pub(crate) const TOO_MANY_PLACES: &str = "D-03";
pub(crate) const PERCENT_AMBIGUOUS: &str = "D-04";
pub(crate) const DATE_UNREADABLE: &str = "D-05";
pub(crate) const MONTH_AMBIGUOUS: &str = "D-06";
pub(crate) const MONTH_UNREADABLE: &str = "D-07";
pub(crate) const BOOLEAN_UNREADABLE: &str = "D-08";
pub(crate) const CODE_UNKNOWN: &str = "D-09";
pub(crate) const DIGITS_LOST: &str = "D-10";
pub(crate) const ERROR_CELL: &str = "D-11";
pub(crate) const APPROXIMATE_NUMBER: &str = "D-12";
pub(crate) const MISSING_MARK: &str = "D-13";
pub(crate) const BLANK_CELL: &str = "D-14";
pub(crate) const DITTO_IN_NUMBER: &str = "D-15";
pub(crate) const NUMBER_IN_MERGE: &str = "D-16";
pub(crate) const UNIT_SUFFIX: &str = "D-17";
pub(crate) const NUMBER_TOO_LARGE: &str = "D-18";
pub(crate) const STALE_RESULT: &str = "D-19";
pub(crate) const SHOWN_INSTEAD: &str = "D-20";
pub(crate) const TEXT_NUMBER: &str = "D-21";
pub(crate) const WIDE_DIGITS: &str = "D-22";
pub(crate) const UNIT_IN_CELL: &str = "D-23";
pub(crate) const DITTO_MARK: &str = "D-24";
pub(crate) const TEN_THOUSAND: &str = "D-25";
pub(crate) const DATE_AS_NUMBER: &str = "D-26";
pub(crate) const PERCENT_DECIDED: &str = "D-27";
pub(crate) const PADDED_CODE: &str = "D-28";
pub(crate) const TIME_DROPPED: &str = "D-29";
pub(crate) const TOTAL_NOT_COMPUTED: &str = "D-30";
pub(crate) const TOTAL_TYPED_OVER: &str = "D-31";
pub(crate) const STRUCK_OUT: &str = "D-32";
pub(crate) const SHOWS_OTHER: &str = "D-33";
pub(crate) const DATE_IN_PART: &str = "D-34";
pub(crate) const OUTSIDE_RANGE: &str = "G-03";

#[cfg(test)]
mod tests {
    use crate::model::{builtin, builtins};

    #[test]
    fn every_code_stands_in_the_catalogue_and_every_entry_has_a_code() {
        let codes: Vec<&str> = include_str!("codes.rs")
            .lines()
            .filter(|line| line.starts_with("pub(crate)"))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert!(codes.len() > 60);
        for code in &codes {
            assert!(builtin(code).is_some(), "{code}");
        }
        for check in builtins().filter(|b| b.code.starts_with(['C', 'D'])) {
            assert!(codes.contains(&check.code), "{}", check.code);
        }
    }
}
