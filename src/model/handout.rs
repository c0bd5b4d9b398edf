//! Words that a form prints when it is handed out and that it is known by when it comes back.

/// First cell of a page that the form brings along (instructions, code lists): nothing is filled in
/// there, so it is not read.
pub const OWN_PAGE: &str = "本页由表样自带，不填数";

/// On a form of which there may be nothing in a period: a sheet that asks for the word 无 is not
/// answered by leaving it empty.
pub const ASKS_FOR_NONE: &str = "本期没有的，在第一行填“无”";

/// Names of the custom properties of a workbook that was handed out: its unit, its hand-in folder,
/// and, before a form's id, the edition of that form.
pub const UNIT_PROPERTY: &str = "dangtong.unit";
pub const PERIOD_PROPERTY: &str = "dangtong.period";
pub const FORM_PROPERTY: &str = "dangtong.form.";

/// The sheet of a 退回单 on which the unit explains; also the name of the file that the county keeps.
pub const EXPLANATIONS: &str = "审核说明";

/// Before the hand-in folder in the first cell of that sheet.
pub const SLIP_TITLE: &str = "审核说明：";
