//! Units as people write them in declarations.

use unicode_normalization::UnicodeNormalization;

use crate::definition::Definition;

/// Compatibility forms folded, spaces dropped: the only freedom that names have.
pub(super) fn normalised(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// The code of a unit given by code, name or alias.
pub(super) fn unit_code(definition: &Definition, text: &str) -> Option<String> {
    let wanted = normalised(text);
    let named = |name: &String| normalised(name) == wanted;
    let unit =
        definition.units.all().iter().find(|unit| {
            named(&unit.code) || named(&unit.name) || unit.aliases.iter().any(named)
        })?;
    Some(unit.code.clone())
}
