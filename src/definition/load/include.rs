//! What several counties share: code lists, registers and programmes of another folder, of which a
//! pipeline replaces what it has itself under the same name or id.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Decoded, Placed, Problems, SourceLine};
use crate::definition::Programme;

/// The folders that a pipeline's settings include, in their order.
pub(super) fn folders(directory: &Path, problems: &mut Problems) -> Vec<String> {
    // What is wrong with the settings is said where they are decoded.
    let text = std::fs::read_to_string(directory.join("pipeline.toml")).unwrap_or_default();
    let settings: toml::Table =
        toml::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
    let named = settings.get("include").and_then(toml::Value::as_array).into_iter().flatten();
    let folders: Vec<String> = named.filter_map(toml::Value::as_str).map(str::to_owned).collect();
    let line = text.lines().position(|line| line.trim_start().starts_with("include"));
    let place = SourceLine::line("pipeline.toml", line.map_or(0, |at| at + 1));
    let mut taken = BTreeSet::new();
    let mut sound = |folder: &String| {
        let wrong = if Path::new(folder).is_absolute() || folder.contains('\\') {
            "应写相对于本管线目录的路径，用 / 分隔，如 ../common"
        } else if !directory.join(folder).is_dir() {
            "没有这个文件夹，应含 programmes、registers 或 codelists.toml"
        } else if !taken.insert(folder.clone()) {
            "写了两次，请删去一个"
        } else {
            return true;
        };
        problems.add(&place, format!("include 的 “{folder}” {wrong}"));
        false
    };
    folders.into_iter().filter(|folder| sound(folder)).collect()
}

impl Decoded {
    /// Puts below this what it does not have itself.
    pub(super) fn over(mut self, base: Self) -> Self {
        fn missing<T>(own: &[T], base: Vec<T>, id: impl Fn(&T) -> String) -> Vec<T> {
            let taken: BTreeSet<String> = own.iter().map(&id).collect();
            base.into_iter().filter(|item| !taken.contains(&id(item))).collect()
        }
        let lists = missing(&self.codelists, base.codelists, |(name, _)| name.clone());
        self.codelists.extend(lists);
        let registers = missing(&self.registers, base.registers, |one| one.item.name.clone());
        self.registers.extend(registers);
        if !self.has_calendar {
            (self.calendar, self.has_calendar) = (base.calendar, base.has_calendar);
        }
        self.forms.extend(missing(&self.forms, base.forms, |one| one.item.id.clone()));
        self.checks.extend(missing(&self.checks, base.checks, |one| one.item.code.clone()));
        let indicators = missing(&self.indicators, base.indicators, |one| one.item.id.clone());
        self.indicators.extend(indicators);
        let diagnoses = missing(&self.diagnoses, base.diagnoses, |one| one.item.id.clone());
        self.diagnoses.extend(diagnoses);
        // Sentences have no id: those of a programme are replaced together.
        let programme_of = |one: &Placed<crate::definition::Sentence>| one.item.programme.clone();
        self.sentences.extend(missing(&self.sentences, base.sentences, programme_of));
        self.circular = self.circular.or(base.circular);
        for shared in base.programmes {
            match self.programmes.iter_mut().find(|own| own.item.id == shared.item.id) {
                Some(own) => inherit(own, shared),
                None => self.programmes.push(shared),
            }
        }
        self
    }
}

/// A programme that shows nothing of its own shows what the shared one does.
fn inherit(own: &mut Placed<Programme>, shared: Placed<Programme>) {
    if own.item.tables.is_empty() && own.item.charts.is_empty() {
        own.item.tables = shared.item.tables;
        own.item.charts = shared.item.charts;
        own.place = shared.place;
    }
}
