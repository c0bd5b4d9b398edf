//! The codes of the findings that collecting can raise; `model::builtin` says what they mean.

pub(super) use crate::model::AMENDED; // "C-56"

pub(super) const UNREADABLE_FILE: &str = "C-01";
pub(super) const ENCRYPTED_FILE: &str = "C-02";
pub(super) const UNSUPPORTED_FORMAT: &str = "C-03";
pub(super) const UNSAFE_FILE: &str = "C-04";
pub(super) const NO_FORM_IN_FILE: &str = "C-05";
pub(super) const UNKNOWN_SHEET: &str = "C-06";
pub(super) const HIDDEN_SHEET: &str = "C-07";
pub(super) const HIDDEN_ROWS: &str = "C-08";
pub(super) const HIDDEN_COLUMNS: &str = "C-09";
pub(super) const HIDDEN_REFUSED: &str = "C-10";
pub(super) const HIDDEN_UNKNOWN: &str = "C-11";
pub(super) const UNIT_NOT_STATED: &str = "C-12";
pub(super) const UNIT_FROM_FILE_NAME: &str = "C-13";
pub(super) const UNIT_UNKNOWN: &str = "C-14";
pub(super) const UNIT_CONFLICT: &str = "C-15";
pub(super) const SEVERAL_UNITS: &str = "C-16";
pub(super) const PERIOD_NOT_STATED: &str = "C-17";
pub(super) const PERIOD_UNREADABLE: &str = "C-18";
pub(super) const PERIOD_CONFLICT: &str = "C-19";
pub(super) const FORM_NOT_DUE: &str = "C-20";
pub(super) const FORM_AMBIGUOUS: &str = "C-21";
pub(super) const MISSING_COLUMN: &str = "C-22";
pub(super) const UNKNOWN_COLUMN: &str = "C-23";
pub(super) const REPEATED_COLUMN: &str = "C-24";
pub(super) const COLUMN_UNIT: &str = "C-25";
pub(super) const RIVAL_RETURNS: &str = "C-26";
pub(super) const SUPERSEDED_RETURN: &str = "C-27";
pub(super) const DECLARATION_LINE: &str = "C-28";
pub(super) const EMPTY_RETURN: &str = "C-29";
pub(super) const ROWS_OUTSIDE: &str = "C-30";
pub(super) const ROWS_IGNORED: &str = "C-31";
pub(super) const FILED_ON_UNREADABLE: &str = "C-32";
pub(super) const DATA_WITHOUT_HEADER: &str = "C-33";
pub(super) const READER_FAILED: &str = "C-34";
pub(super) const CONTRADICTION: &str = "C-35";
pub(super) const TEMPORARY_FILE: &str = "C-36";
pub(super) const NOT_A_FILE: &str = "C-37";
pub(super) const NAME_UNREADABLE: &str = "C-38";
pub(super) const NO_ACCESS: &str = "C-39";
pub(super) const NUMBERS_OR_DATA: &str = "C-41";
pub(super) const OTHER_PERIODS: &str = "C-42";
pub(super) const SAME_FILE: &str = "C-43";
pub(super) const SHEET_NOT_NEEDED: &str = "C-44";
pub(super) const SENTENCE: &str = "C-45";
pub(super) const ARRIVED_AND_GONE: &str = "C-46";
pub(super) const TABLE_CUT: &str = "C-51";
pub(super) const LAST_CELL_OPEN: &str = "C-52";
pub(super) const MISNAMED_FILE: &str = "C-53";
pub(super) const SHEET_WITHOUT_CELLS: &str = "C-54";
pub(super) const TEXTS_MISCOUNTED: &str = "C-55";
pub(super) const OLD_EDITION: &str = "C-57";
pub(super) const OTHERS_TEMPLATE: &str = "C-58";
pub(super) const COLUMN_GONE: &str = "C-59";
pub(super) const COLUMNS_MOVED: &str = "C-60";
pub(super) const NUMBER_UNREADABLE: &str = "D-01";
pub(super) const NOT_AN_INTEGER: &str = "D-02";
pub(super) const TOO_MANY_PLACES: &str = "D-03";
pub(super) const PERCENT_AMBIGUOUS: &str = "D-04";
pub(super) const DATE_UNREADABLE: &str = "D-05";
pub(super) const MONTH_AMBIGUOUS: &str = "D-06";
pub(super) const MONTH_UNREADABLE: &str = "D-07";
pub(super) const BOOLEAN_UNREADABLE: &str = "D-08";
pub(super) const CODE_UNKNOWN: &str = "D-09";
pub(super) const DIGITS_LOST: &str = "D-10";
pub(super) const ERROR_CELL: &str = "D-11";
pub(super) const APPROXIMATE_NUMBER: &str = "D-12";
pub(super) const MISSING_MARK: &str = "D-13";
pub(super) const BLANK_CELL: &str = "D-14";
pub(super) const DITTO_IN_NUMBER: &str = "D-15";
pub(super) const NUMBER_IN_MERGE: &str = "D-16";
pub(super) const UNIT_SUFFIX: &str = "D-17";
pub(super) const NUMBER_TOO_LARGE: &str = "D-18";
pub(super) const STALE_RESULT: &str = "D-19";
pub(super) const SHOWN_INSTEAD: &str = "D-20";
pub(super) const TEXT_NUMBER: &str = "D-21";
pub(super) const WIDE_DIGITS: &str = "D-22";
pub(super) const UNIT_IN_CELL: &str = "D-23";
pub(super) const DITTO_MARK: &str = "D-24";
pub(super) const TEN_THOUSAND: &str = "D-25";
pub(super) const DATE_AS_NUMBER: &str = "D-26";
pub(super) const PERCENT_DECIDED: &str = "D-27";
pub(super) const PADDED_CODE: &str = "D-28";
pub(super) const TIME_DROPPED: &str = "D-29";
pub(super) const TOTAL_NOT_COMPUTED: &str = "D-30";
pub(super) const TOTAL_TYPED_OVER: &str = "D-31";
pub(super) const OUTSIDE_RANGE: &str = "G-03";

#[cfg(test)]
mod tests {
    use crate::model::{builtin, builtins};

    #[test]
    fn every_code_stands_in_the_catalogue_and_every_entry_has_a_code() {
        // Those of what is handed up stand beside it.
        let sources = [include_str!("codes.rs"), include_str!("../handup/codes.rs")];
        let codes: Vec<&str> = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter(|line| line.starts_with("pub(super)"))
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
