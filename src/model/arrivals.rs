//! Words of 收件.csv that who reads it and who keeps it must agree on.

pub const FILE: &str = "收件.csv";
/// Its columns: the first two may be all there is.
pub const NAME: &str = "文件";
pub const DAY: &str = "收到日期";
pub const SEEN: &str = "登记日期";
pub const CONTENT: &str = "内容指纹";
/// Before the digits of a fingerprint, so that no spreadsheet takes them for a number.
pub const DIGEST: &str = "sha256:";
