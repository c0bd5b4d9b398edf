//! The rows of an indicator: county, units, categories, crosses, and the classes of each.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use crate::definition::{Computation, Definition, Form, GROUP_DIMENSION, Indicator};
use crate::model::{Class, Period, Units};

/// A code of a dimension, as it is printed and as it stands in figure ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Category {
    pub(super) field: String,
    pub(super) code: String,
    pub(super) id: String,
}

/// Gives categories and classes numbers that mean the same in every indicator.
#[derive(Debug, Default)]
pub(super) struct DivisionNumbers {
    pub(super) categories: Vec<Category>,
    pub(super) classes: Vec<Class>,
    category_numbers: BTreeMap<Category, u32>,
    class_numbers: BTreeMap<(String, String), u32>,
}

impl DivisionNumbers {
    fn category(&mut self, category: Category) -> u32 {
        let next = self.categories.len() as u32;
        *self.category_numbers.entry(category.clone()).or_insert_with(|| {
            self.categories.push(category);
            next
        })
    }

    fn class(&mut self, id: &str, title: &str) -> u32 {
        let next = self.classes.len() as u32;
        *self.class_numbers.entry((id.to_owned(), title.to_owned())).or_insert_with(|| {
            self.classes.push(Class { id: id.to_owned(), title: title.to_owned() });
            next
        })
    }
}

/// What identifies a figure inside its indicator, in every period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FigureKey {
    /// Index of a row in the unit register; `None` for the county.
    pub(super) unit: Option<u32>,
    /// Number of a [`Category`].
    pub(super) category: Option<u32>,
    /// Number of a class.
    pub(super) class: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breakdown {
    Unit,
    /// Index into [`Divisions::dimensions`].
    Field(usize),
    /// Units by that dimension.
    Cross(usize),
    /// Units put together: a dimension of groups of units.
    Group(usize),
}

/// A coded field by which an indicator is broken down, or the groups of units.
#[derive(Debug, Clone)]
pub(super) struct Dimension {
    pub(super) field: String,
    pub(super) codes: Vec<String>,
    /// Numbers of the categories, aligned with `codes`.
    pub(super) categories: Vec<u32>,
    /// Another dimension has the same ids: figure ids name the field too.
    pub(super) prefixed: bool,
    /// Of groups of units: the code of each unit of the register.
    groups: Option<Vec<Option<usize>>>,
}

impl Dimension {
    /// Of groups of units: that of a unit.
    pub(super) fn group_of(&self, unit: usize) -> Option<usize> {
        self.groups.as_ref()?.get(unit).copied().flatten()
    }
}

/// Breakdowns and classes of one indicator; the units are those of the period.
#[derive(Debug, Clone, Default)]
pub(super) struct Divisions {
    pub(super) breakdowns: Vec<Breakdown>,
    pub(super) dimensions: Vec<Dimension>,
    /// Numbers of the classes; empty when figures have none.
    pub(super) classes: Vec<u32>,
    /// Codes of a distribution, aligned with `classes`; of a transition, whose classes are the
    /// pairs of them.
    pub(super) class_codes: Vec<String>,
}

/// One row of an indicator's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Index of a row of the unit register.
    pub(super) unit: Option<usize>,
    /// Dimension and code.
    pub(super) category: Option<(usize, usize)>,
}

impl Divisions {
    /// `at`: codes of a list that is taken from a register are those valid in this period.
    pub(super) fn new(
        indicator: &Indicator,
        form: &Form,
        definition: &Definition,
        at: &Period,
        names: &mut DivisionNumbers,
    ) -> anyhow::Result<Self> {
        let mut layout = Self::default();
        for by in &indicator.by {
            let breakdown = layout
                .breakdown(by, form, definition, at, names)
                .with_context(|| format!("指标 {} 的 by", indicator.id))?;
            if layout.breakdowns.contains(&breakdown) {
                bail!("指标 {} 的 by 重复：{by}", indicator.id);
            }
            layout.breakdowns.push(breakdown);
        }
        layout.mark_equal_ids(names);
        layout.add_rows(definition);
        let coded = |field: &str| {
            codes_of(field, form, definition, at)
                .with_context(|| format!("指标 {} 的 of", indicator.id))
        };
        let mut classes = |codes: Vec<(String, String)>| {
            layout.classes = codes.iter().map(|(code, id)| names.class(id, code)).collect();
            layout.class_codes = codes.into_iter().map(|(code, _)| code).collect();
        };
        match &indicator.computation {
            Computation::Distribution { of, .. } => classes(coded(of)?),
            Computation::WideDistribution { columns, .. } => {
                let titles: Vec<&str> =
                    columns.iter().map(|column| column.title.as_str()).collect();
                classes(definition.with_ids(&titles, "column"));
            }
            Computation::Transition { of, .. } => {
                let codes = coded(of)?;
                for (from, from_id) in &codes {
                    for (to, to_id) in &codes {
                        let id = format!("{from_id}-{to_id}");
                        layout.classes.push(names.class(&id, &format!("{from}→{to}")));
                    }
                }
                layout.class_codes = codes.into_iter().map(|(code, _)| code).collect();
            }
            Computation::Funnel { steps, .. } => {
                layout.classes = steps.iter().map(|s| names.class(&s.id, &s.title)).collect();
            }
            _ => {}
        }
        Ok(layout)
    }

    /// Units, with a class a part of a composite score.
    pub(super) fn of_parts(indicator: &Indicator, names: &mut DivisionNumbers) -> Self {
        let classes =
            indicator.computation.parts().iter().map(|part| names.class(&part.id, &part.title));
        Self { breakdowns: vec![Breakdown::Unit], classes: classes.collect(), ..Self::default() }
    }

    fn breakdown(
        &mut self,
        by: &str,
        form: &Form,
        definition: &Definition,
        at: &Period,
        names: &mut DivisionNumbers,
    ) -> anyhow::Result<Breakdown> {
        let parts: Vec<&str> = by.split('*').map(str::trim).collect();
        match parts.as_slice() {
            ["unit"] => Ok(Breakdown::Unit),
            [GROUP_DIMENSION] => Ok(Breakdown::Group(self.groups(definition, names))),
            [field] => Ok(Breakdown::Field(self.dimension(field, form, definition, at, names)?)),
            ["unit", field] | [field, "unit"] => {
                Ok(Breakdown::Cross(self.dimension(field, form, definition, at, names)?))
            }
            _ => bail!("“{by}”应为 unit、代码字段或 unit*代码字段"),
        }
    }

    fn dimension(
        &mut self,
        field: &str,
        form: &Form,
        definition: &Definition,
        at: &Period,
        names: &mut DivisionNumbers,
    ) -> anyhow::Result<usize> {
        if let Some(known) = self.dimensions.iter().position(|d| d.field == field) {
            return Ok(known);
        }
        let codes = codes_of(field, form, definition, at)?;
        let number = |(code, id): &(String, String)| {
            names.category(Category { field: field.to_owned(), code: code.clone(), id: id.clone() })
        };
        let categories = codes.iter().map(number).collect();
        let codes = codes.into_iter().map(|(code, _)| code).collect();
        let field = field.to_owned();
        self.dimensions.push(Dimension { field, codes, categories, prefixed: false, groups: None });
        Ok(self.dimensions.len() - 1)
    }

    /// The groups of units, as the settings order them, others as the register names them.
    fn groups(&mut self, definition: &Definition, names: &mut DivisionNumbers) -> usize {
        let present = definition.units.leaves().map(|unit| unit.group.as_str());
        let present = present.filter(|group| !group.is_empty());
        let codes = definition.settings.report.group_order(present);
        let field = GROUP_DIMENSION.to_owned();
        let number = |(at, code): (usize, &String)| {
            let id = format!("group{}", at + 1);
            names.category(Category { field: field.clone(), code: code.clone(), id })
        };
        let categories = codes.iter().enumerate().map(number).collect();
        let units = definition.units.all().iter();
        let groups = units.map(|unit| codes.iter().position(|code| *code == unit.group));
        let groups = Some(groups.collect());
        self.dimensions.push(Dimension { field, codes, categories, prefixed: false, groups });
        self.dimensions.len() - 1
    }

    /// Is a row about a group of units?
    pub(super) fn is_of_group(&self, slot: Slot) -> bool {
        slot.category.is_some_and(|(d, _)| self.dimensions[d].groups.is_some())
    }

    /// Is a unit that hands in returns among those that a row is about?
    pub(super) fn concerns(&self, slot: Slot, unit: usize, units: &Units) -> bool {
        let in_group = |(d, code): (usize, usize)| {
            let dimension = &self.dimensions[d];
            dimension.groups.is_none() || dimension.group_of(unit) == Some(code)
        };
        slot.unit.is_none_or(|own| units.row_of(unit) == Some(own))
            && slot.category.is_none_or(in_group)
    }

    /// Rows with units below them have every indicator, as each has as the whole of its own report.
    pub(super) fn add_rows(&mut self, definition: &Definition) {
        if definition.units.has_levels() && !self.breakdowns.contains(&Breakdown::Unit) {
            self.breakdowns.insert(0, Breakdown::Unit);
        }
    }

    /// Depends on the definition only, so ids stay the same from period to period.
    fn mark_equal_ids(&mut self, names: &DivisionNumbers) {
        let ids: Vec<BTreeSet<&str>> = self
            .dimensions
            .iter()
            .map(|d| d.categories.iter().map(|&c| names.categories[c as usize].id.as_str()))
            .map(Iterator::collect)
            .collect();
        for (index, dimension) in self.dimensions.iter_mut().enumerate() {
            let mut others = ids.iter().enumerate().filter(|(other, _)| *other != index);
            dimension.prefixed = others.any(|(_, other)| !other.is_disjoint(&ids[index]));
        }
    }

    /// County first, then each breakdown in order; `rows`: those of the units that are listed.
    pub(super) fn slots(&self, rows: &[usize]) -> Vec<Slot> {
        let mut slots = vec![Slot { unit: None, category: None }];
        for breakdown in &self.breakdowns {
            let codes = |d: usize| 0..self.dimensions[d].codes.len();
            match *breakdown {
                Breakdown::Unit => {
                    slots.extend(rows.iter().map(|&u| Slot { unit: Some(u), category: None }));
                }
                Breakdown::Field(d) | Breakdown::Group(d) => {
                    slots.extend(codes(d).map(|c| Slot { unit: None, category: Some((d, c)) }));
                }
                Breakdown::Cross(d) => slots.extend(rows.iter().flat_map(|&u| {
                    codes(d).map(move |c| Slot { unit: Some(u), category: Some((d, c)) })
                })),
            }
        }
        slots
    }

    pub(super) fn key(&self, slot: Slot, class: usize) -> FigureKey {
        let category = slot.category.map(|(d, c)| self.dimensions[d].categories[c]);
        let class = self.classes.get(class).copied();
        FigureKey { unit: slot.unit.map(|u| u as u32), category, class }
    }

    /// Is this row among the breakdowns?
    pub(super) fn shows(&self, key: FigureKey) -> bool {
        let dimension = key
            .category
            .and_then(|c| self.dimensions.iter().position(|d| d.categories.contains(&c)));
        match (key.unit, key.category, dimension) {
            (None, None, _) => true,
            (Some(_), None, _) => self.breakdowns.contains(&Breakdown::Unit),
            (None, _, Some(d)) => {
                let of = [Breakdown::Field(d), Breakdown::Group(d)];
                of.iter().any(|breakdown| self.breakdowns.contains(breakdown))
            }
            (Some(_), _, Some(d)) => self.breakdowns.contains(&Breakdown::Cross(d)),
            (_, Some(_), None) => false,
        }
    }
}

fn codes_of(
    name: &str,
    form: &Form,
    definition: &Definition,
    at: &Period,
) -> anyhow::Result<Vec<(String, String)>> {
    let codes = definition.codes_of(form, name, Some(at));
    codes.with_context(|| format!("表 {} 没有代码字段 {name}", form.id))
}
