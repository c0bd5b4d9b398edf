//! Names in braces in the texts of a definition: `{unit} 的 {seen} 应为 {expected}`.

/// What stands before the first name, the name, and what follows it.
fn first(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// The names, in order.
pub(crate) fn placeholders(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (_, name, after) = first(text)?;
        text = after;
        Some(name)
    })
}

/// Replaces each name by what `value` gives, in one pass: what is filled in is never read as a
/// name. An unknown name stays as it is written.
pub(crate) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let (mut text, mut rest) = (String::with_capacity(template.len()), template);
    while let Some((before, name, after)) = first(rest) {
        text.push_str(before);
        match value(name) {
            Some(found) => text.push_str(&found),
            None => text.extend(["{", name, "}"]),
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_unknown_ones_stay() {
        let value = |name: &str| (name == "score").then(|| "92.5{other}".to_owned());
        assert_eq!(fill("得分 {score}，{other}", value), "得分 92.5{other}，{other}");
        assert_eq!(fill("没有右括号 {score", value), "没有右括号 {score");
        assert!(placeholders("{unit}的{seen}").eq(["unit", "seen"]));
    }
}
