//! Codes of the built-in checks of what is handed up.

pub(super) const DAMAGED: &str = "C-61";
pub(super) const OTHER_DEFINITIONS: &str = "C-62";
pub(super) const OTHER_PERIOD: &str = "C-63";
pub(super) const RIVALS: &str = "C-64";
pub(super) const SAME_TWICE: &str = "C-65";
pub(super) const OTHER_REGISTER: &str = "C-66";
