//! What stands in `report.html`, read without a browser.

use serde_json::Value;

use super::{Compared, Published};
use crate::circular::plain;

/// Every link to a figure, and every mark of a picture, shows that figure.
pub(super) fn compare(page: &str, published: &Published) -> Compared {
    let mut compared = Compared::default();
    for piece in page.split("<a ").skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap();
        let Some((_, id)) = tag.split_once("href=\"#f=") else { continue };
        let id = id.split('"').next().unwrap();
        let (text, after) = rest.split_once("</a>").unwrap();
        let text = plain(text);
        let Some(figure) = published.figures.get(id) else {
            compared.differences.push(format!("a link opens {id}, which is no figure"));
            continue;
        };
        // In the problem list a link is the figure's name alone.
        if tag.contains("class=\"piece\"") {
            compared.note(id, text == figure["title"], &text);
            continue;
        }
        compared.shown.insert(id.to_owned());
        let small = after.strip_prefix("<small>").and_then(|s| s.split_once("</small>"));
        let small = small.map_or(String::new(), |(small, _)| plain(small));
        let value = text.strip_prefix(&format!("{} ", figure["title"])).unwrap_or(&text);
        let [numerator, denominator, part_value] =
            ["numerator", "denominator", "part_value"].map(|name| &figure[name]);
        let same = match small.as_str() {
            "" => published.is_value(id, value),
            small if small == format!("{numerator}/{denominator}") => published.is_value(id, value),
            // A class: its count, and the share below it. A part of a score: its points, and the
            // value that they are given for.
            small => {
                value == numerator && published.is_value(id, small)
                    || small == part_value && published.is_value(id, value)
            }
        };
        compared.note(id, same, &format!("{text} {small}"));
    }
    for piece in page.split("<g data-figure=\"").skip(1) {
        let (id, rest) = piece.split_once('"').unwrap();
        let (_, rest) = rest.split_once("<title>").unwrap();
        let tooltip = plain(rest.split("</title>").next().unwrap());
        let stated = |word: &str| published.is_value(id, word) || published.is_part(id, word);
        // `辽阳镇 74.4%（29/39） 小基数`, `82.4%*` where provisional; a trend's mark is a month of
        // the figure's series.
        let own = published.figures.contains_key(id);
        let words = tooltip.split([' ', '（', '）', '：', '*']);
        let same = own && (published.is_of_series(id, &tooltip) || words.into_iter().any(stated));
        compared.note(id, same, &format!("mark {tooltip}"));
    }
    compared
}

/// Everything that is read on the page: what stands on it, and the words of what opens. What a unit
/// typed and where, ids and 技术口径 are no words of ours.
pub(super) fn texts(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body>").unwrap();
    let (shown, _) = body.split_once("<script").unwrap();
    let pieces = shown.split('<').filter_map(|piece| piece.split_once('>'));
    let mut texts: Vec<String> =
        pieces.map(|(_, text)| plain(text)).filter(|text| !text.trim().is_empty()).collect();
    words(&crate::page::data(page), &mut texts);
    texts
}

fn words(data: &Value, texts: &mut Vec<String>) {
    let hidden = ["id", "section", "technical", "source", "returns", "cells", "places"];
    match data {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| words(one, texts)),
        Value::Object(named) => {
            let shown = named.iter().filter(|(name, _)| !hidden.contains(&name.as_str()));
            shown.for_each(|(_, one)| words(one, texts));
        }
        _ => {}
    }
}
