//! Who has reported: one receipt for each owed or received return, its state and timeliness.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::{Context, ReturnKey, Tuned, concerns};
use crate::definition::{Accepted, Calendar, Deadline, Duty, Form};
use crate::model::{
    Collected, Finding, Level, Location, Outcome, Period, Receipt, ReturnFacts, ReturnState,
    Timeliness, Unjudged, Wording, day_number,
};

/// Owed and received returns of one folder, in unit, form, period order.
pub(super) struct Book<'a> {
    context: &'a Context<'a>,
    collected: &'a Collected,
    lines: Vec<Line<'a>>,
    /// Units without return of which it is not known whether they owe the form.
    undecided: Vec<Line<'a>>,
}

struct Line<'a> {
    form: &'a Form,
    unit: &'a str,
    period: Period,
    owed: bool,
    returns: Vec<&'a Arc<ReturnFacts>>,
}

impl<'a> Book<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        collected: &'a Collected,
        received: &'a [Arc<ReturnFacts>],
        accepted: &dyn Accepted,
    ) -> anyhow::Result<Self> {
        let definition = context.definition;
        let mut by_key: BTreeMap<ReturnKey, Vec<&Arc<ReturnFacts>>> = BTreeMap::new();
        for facts in received {
            by_key.entry(ReturnKey::of(facts)).or_default().push(facts);
        }
        let (mut lines, mut undecided) = (Vec::new(), Vec::new());
        for form in &definition.forms {
            let Some(owed) = form.owed_in(context.folder) else { continue };
            let duties = definition.duties(form, &owed, accepted)?;
            for (unit, duty) in definition.units.all().iter().zip(duties) {
                if duty == Duty::Free {
                    continue;
                }
                let key = ReturnKey {
                    form: form.id.clone(),
                    unit: unit.code.clone(),
                    period: owed.period.clone(),
                };
                let returns = by_key.remove(&key).unwrap_or_default();
                let period = owed.period.clone();
                let unclear = duty == Duty::Unknown && returns.is_empty();
                let line = Line { form, unit: &unit.code, period, owed: true, returns };
                if unclear { undecided.push(line) } else { lines.push(line) }
            }
        }
        for (key, returns) in by_key {
            let Some(form) = definition.form(&key.form) else { continue };
            let Some(first) = returns.first() else { continue };
            let unit = first.unit.as_str();
            lines.push(Line { form, unit, period: key.period, owed: false, returns });
        }
        let order = |form: &Form| definition.forms.iter().position(|f| f.id == form.id);
        lines.sort_by(|a, b| {
            let place = |line: &Line| (definition.units.order(line.unit), order(line.form));
            (place(a), a.unit, &a.period).cmp(&(place(b), b.unit, &b.period))
        });
        Ok(Self { context, collected, lines, undecided })
    }

    /// 未报 as findings.
    pub(super) fn report_missing(&self, findings: &mut Vec<Finding>) {
        let Some(tuned) = self.context.tuned("R-01") else { return };
        let absent = |line: &&Line| line.owed && line.returns.is_empty();
        for line in self.lines.iter().filter(absent) {
            if self.refused(line).is_some() {
                continue;
            }
            let unit = self.context.definition.units.name(line.unit);
            let owes = format!("{unit}应报“{}”（{}）", line.form.title, line.period.title());
            let unreadable = self.unreadable(line);
            let (seen, message, location) = match unreadable {
                Some(finding) => (
                    format!("{} 无法采用", finding.location.file),
                    format!("{owes}，收到的文件“{}”无法采用，按未报处理", finding.location.file),
                    Location::file(&finding.location.file),
                ),
                None => ("未收到".to_owned(), format!("{owes}，未报"), Location::default()),
            };
            findings.push(Finding {
                location,
                seen,
                expected: "报送可读的报表".to_owned(),
                message,
                ..self.of_line(line, &tuned)
            });
        }
    }

    /// Of whom it is not known whether they owe a form: neither 未报 nor free.
    pub(super) fn report_undecided(&self, findings: &mut Vec<Finding>) {
        let Some(tuned) = self.context.tuned("R-01") else { return };
        for line in &self.undecided {
            let unit = self.context.definition.units.name(line.unit);
            let when = line.form.owed_when.as_ref();
            let rests = when.map(|when| when.in_words(self.context.definition));
            findings.push(Finding {
                message: format!(
                    "未评估：{unit}应否报“{}”（{}）不明，应报条件（{}）所依据的报表未报或退回",
                    line.form.title,
                    line.period.title(),
                    rests.unwrap_or_default()
                ),
                ..self.of_line(line, &tuned).not_evaluated("补齐所依据的报表后重新审核")
            });
        }
    }

    /// A return that is not there.
    fn of_line(&self, line: &Line, tuned: &Tuned) -> Finding {
        let said = Wording { seen: "未收到".to_owned(), ..Wording::default() };
        Finding {
            unit: line.unit.to_owned(),
            ..self.context.of_form(tuned, line.form, &line.period, Location::default(), said)
        }
    }

    fn findings_of_reading(&self) -> impl Iterator<Item = &'a Finding> {
        let folder = self.context.folder;
        let in_folder = move |f: &&Finding| f.folder == *folder && f.rejects();
        self.collected.findings.iter().filter(in_folder)
    }

    /// The form was recognised, but reading refused the return: it goes back to the unit.
    fn refused(&self, line: &Line) -> Option<&'a Finding> {
        self.findings_of_reading().find(|f| f.unit == line.unit && f.form == line.form.id)
    }

    /// A file of the unit in which no form could be recognised.
    fn unreadable(&self, line: &Line) -> Option<&'a Finding> {
        self.findings_of_reading()
            .find(|f| f.unit == line.unit && f.form.is_empty() && !f.location.file.is_empty())
    }

    pub(super) fn receipts(&self, findings: &[Finding]) -> Vec<Receipt> {
        self.lines.iter().map(|line| self.receipt(line, findings)).collect()
    }

    fn receipt(&self, line: &Line, findings: &[Finding]) -> Receipt {
        let about = |finding: &&Finding| {
            let same = finding.unit == line.unit
                && finding.form == line.form.id
                // What reading refused may not even tell its period.
                && (finding.period == line.period || line.returns.is_empty());
            same || line.returns.iter().any(|facts| concerns(finding, facts))
        };
        let about: Vec<&Finding> = findings.iter().filter(about).collect();
        let count = |level: Level, outcome: Outcome| {
            about.iter().filter(|f| f.level == level && f.outcome == outcome).count()
        };
        let errors = count(Level::Error, Outcome::Fail);
        let queries = count(Level::Query, Outcome::Fail);
        let explained = count(Level::Query, Outcome::Explained);
        let refused = if line.returns.is_empty() { self.refused(line) } else { None };
        let state = match (errors, queries, explained) {
            _ if line.returns.is_empty() && refused.is_none() => ReturnState::Missing,
            _ if errors > 0 || refused.is_some() => ReturnState::Rejected,
            (_, 0, 0) => ReturnState::Clean,
            (_, 0, _) => ReturnState::Explained,
            _ => ReturnState::Queried,
        };
        let file: Arc<str> = match (line.returns.first(), refused) {
            (Some(facts), _) => facts.file.clone(),
            (None, Some(finding)) => finding.location.file.clone(),
            (None, None) => "".into(),
        };
        let declared = &self.collected.declarations.received;
        let received_on = if line.returns.is_empty() {
            declared.get(&*file).copied()
        } else {
            let date = |f: &&Arc<ReturnFacts>| declared.get(&*f.file).copied().or(f.filed_on);
            line.returns.iter().filter_map(date).max()
        };
        let Context { definition, folder, .. } = self.context;
        let deadline = deadline(line.form, &line.period, folder, &definition.calendar);
        Receipt {
            unit: line.unit.to_owned(),
            form: line.form.id.clone(),
            period: line.period.clone(),
            folder: self.context.folder.clone(),
            state,
            owed: line.owed,
            file,
            received_on,
            deadline: deadline.and_then(Result::ok),
            timeliness: timeliness(state, received_on, deadline),
            errors,
            queries,
            explained,
            hints: count(Level::Hint, Outcome::Fail),
            rows: line.returns.iter().map(|facts| facts.rows.len()).sum(),
        }
    }
}

/// Was it on time?
fn timeliness(
    state: ReturnState,
    received_on: Option<i32>,
    deadline: Option<Result<i32, Unjudged>>,
) -> Timeliness {
    match (deadline, received_on) {
        (None, _) => Timeliness::NotAsked,
        _ if state == ReturnState::Missing => Timeliness::Absent,
        (Some(Err(reason)), _) => Timeliness::Unjudged(reason),
        (Some(Ok(_)), None) => Timeliness::Unjudged(Unjudged::NoDate),
        (Some(Ok(deadline)), Some(day)) if day <= deadline => Timeliness::OnTime,
        _ => Timeliness::Late,
    }
}

/// The last day on which a return is on time, or why there is none to count to; `None` when the
/// form does not ask.
fn deadline(
    form: &Form,
    period: &Period,
    folder: &Period,
    calendar: &Calendar,
) -> Option<Result<i32, Unjudged>> {
    let due = form.due?;
    // A round is counted from the folder in which it is handed in.
    let month = if form.rounds.is_empty() { period } else { folder }.last_month();
    let month_end = month.and_then(|(year, month)| {
        Some(jiff::civil::Date::new(year, i8::try_from(month).ok()?, 1).ok()?.last_of_month())
    });
    let Some(month_end) = month_end.map(day_number) else { return Some(Err(Unjudged::NoMonth)) };
    Some(match due {
        Deadline::Days(count) => Ok(month_end + i32::from(count)),
        Deadline::WorkingDays(count) => {
            calendar.working_days_after(month_end, count).ok_or(Unjudged::NoCalendar)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(due: &str) -> Form {
        let due = if due.is_empty() { String::new() } else { format!("due = '{due}'\n") };
        toml::from_str(&format!(
            "id = 'f'\ntitle = 'F'\nrow = '一行'\nfrequency = 'monthly'\n{due}\
             field = [{{ name = 'a', title = 'A', type = 'integer' }}]"
        ))
        .unwrap()
    }

    #[test]
    fn deadlines_count_working_days_with_swapped_weekends() {
        let off = (1..=7).map(|d| (jiff::civil::date(2013, 10, d), false));
        let swapped =
            [(jiff::civil::date(2013, 9, 29), true), (jiff::civil::date(2013, 10, 12), true)];
        let calendar = Calendar::new(off.chain(swapped));
        let day = |month, day| Some(Ok(day_number(jiff::civil::date(2013, month, day))));
        let september = Period::parse("2013-09");
        let october = Period::parse("2013-10");
        // Handed in in October for September: 8–12 October are five working days, 14 October the sixth.
        assert_eq!(
            deadline(&form("+5 working days"), &september, &october, &calendar),
            day(10, 12)
        );
        assert_eq!(
            deadline(&form("+6 working days"), &september, &october, &calendar),
            day(10, 14)
        );
        assert_eq!(deadline(&form("+5 days"), &september, &october, &calendar), day(10, 5));
        assert_eq!(deadline(&form(""), &september, &october, &calendar), None);
        let uncovered = Period::parse("2015-09");
        let unjudged = deadline(&form("+5 working days"), &uncovered, &october, &calendar);
        assert_eq!(unjudged, Some(Err(Unjudged::NoCalendar)));
        let campaign = Period::parse("2021-06-05");
        let unjudged = deadline(&form("+5 days"), &campaign, &campaign, &calendar);
        assert_eq!(unjudged, Some(Err(Unjudged::NoMonth)));
    }
}
