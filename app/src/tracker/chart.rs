//! Charts of what was logged: SVG and HTML as text, the same from the server and on the device. Pure.
//!
//! One drawing serves every width: it is 320 units wide, its words have room at 16 units (12 px where the screen is 320 px
//! wide), and the stylesheet makes them smaller where the drawing is shown larger. It holds no colours: classes have them,
//! and dashes, shapes and names beside the lines say the same without.
//!
//! Beyond [`DAYS_DRAWN`] days a mark is a week: its usual value on the line and its worst day as a mark of its own, so
//! that a year is small and a bad day is still seen.

use super::{
    log::{DayLog, Measure, Place, Side},
    trend::{self, Difference, Kept, PlanDay, Planned, Series, Size, Streak, Tenths, Toward},
};
use crate::day::Day;

/// How far back a chart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    TwoWeeks,
    ThreeMonths,
    Year,
    /// From the first log on, but no more than ten years.
    All,
    /// So many days: a period of the reader's choice.
    Days(i64),
}

impl Span {
    pub const EACH: [Self; 4] = [Self::TwoWeeks, Self::ThreeMonths, Self::Year, Self::All];

    /// For its button.
    pub fn name(self) -> &'static str {
        match self {
            Self::TwoWeeks => "2 weeks",
            Self::ThreeMonths => "3 months",
            Self::Year => "A year",
            Self::All => "All",
            Self::Days(_) => "A period",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::TwoWeeks => "in these 2 weeks",
            Self::ThreeMonths => "in these 3 months",
            Self::Year => "in this year",
            Self::All => "in all this time",
            Self::Days(_) => "in this period",
        }
    }

    /// The first of its days. Logs in any order.
    pub fn first_day(self, logs: &[DayLog], today: Day) -> Day {
        today.plus(1 - self.days(logs, today))
    }

    /// How many days, today among them; whole weeks.
    fn days(self, logs: &[DayLog], today: Day) -> i64 {
        match self {
            Self::TwoWeeks => 14,
            Self::ThreeMonths => 91,
            Self::Year => 364,
            Self::All => {
                let first = logs.iter().map(|log| log.day).min().unwrap_or(today);
                let days = (today.epoch_days() - first.epoch_days() + 1).clamp(14, 3_653);
                (days + 6) / 7 * 7
            }
            Self::Days(days) if days <= DAYS_DRAWN => days.max(7),
            Self::Days(days) => (days.min(3_653) + 6) / 7 * 7,
        }
    }
}

/// Up to how many days a chart draws each day, and no weeks.
pub const DAYS_DRAWN: i64 = 120;

/// What happened on a day, for a tick on every chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub day: Day,
    /// As in "added walking"; escaped here.
    pub words: String,
    pub kind: MarkKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    Plan,
    Flare,
    Alert,
}

impl MarkKind {
    fn name(self) -> &'static str {
        match self {
            Self::Plan => "Plan",
            Self::Flare => "Flare-up",
            Self::Alert => "Alert",
        }
    }
}

/// What a chart is drawn of: logs in any order, one of each day.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub logs: &'a [DayLog],
    pub span: Span,
    pub today: Day,
    pub marks: &'a [Mark],
}

/// One of the charts of lines.
#[derive(Clone, Copy, Debug)]
pub enum Drawing {
    Pain,
    Foot,
    HeelWalk,
}

/// A chart without its sentences and its table, for a page that says in its own words what the days say.
pub fn drawing(view: &View<'_>, drawing: Drawing) -> String {
    match drawing {
        Drawing::Pain => pain_plot(view).drawing(view),
        Drawing::Foot => foot_plot(view).drawing(view),
        Drawing::HeelWalk => heel_walk_plot(view).drawing(view),
    }
}

/// Back and leg pain: the usual as lines, each day as a small mark.
pub fn pain(view: &View<'_>) -> String {
    pain_plot(view).figure(view, &usual_sentence)
}

fn pain_plot<'a>(view: &View<'_>) -> Plot<'a> {
    let lines = vec![
        Line::new(view, Measure::Pain(Place::Back), "Back", "back pain", "back"),
        Line::new(view, Measure::Pain(Place::LeftLeg), "Left leg", "left leg pain", "left"),
        Line::new(view, Measure::Pain(Place::RightLeg), "Right leg", "right leg pain", "right"),
    ];
    Plot {
        id: "pain",
        title: "Back and leg pain",
        unit: "0 is no pain, 10 the worst",
        ask: "Rate your pain on 4 days or more of each week, and it shows here.",
        most: 10,
        joined: None,
        lines,
    }
}

/// How each foot lifts.
pub fn foot(view: &View<'_>) -> String {
    foot_plot(view).figure(view, &|sentence, line, frame| test_sentence(sentence, line, frame, " of 5"))
}

fn foot_plot<'a>(view: &View<'_>) -> Plot<'a> {
    Plot {
        id: "foot",
        title: "Foot test",
        unit: "0 is no movement, 5 the same as the other foot",
        ask: "Test both feet once a week, and it shows here.",
        most: 5,
        joined: Some(14),
        lines: sides(view, Measure::Foot, ["left foot", "right foot"]),
    }
}

/// How many steps on the heel.
pub fn heel_walk(view: &View<'_>) -> String {
    heel_walk_plot(view).figure(view, &|sentence, line, frame| test_sentence(sentence, line, frame, " steps"))
}

fn heel_walk_plot<'a>(view: &View<'_>) -> Plot<'a> {
    Plot {
        id: "heel-walk",
        title: "Heel walk",
        unit: "steps on the heel, up to 10",
        ask: "Try it once a week if you can do so safely, and it shows here.",
        most: 10,
        joined: Some(14),
        lines: sides(view, Measure::HeelWalk, ["left heel walk", "right heel walk"]),
    }
}

fn sides<'a>(view: &View<'_>, measure: fn(Side) -> Measure, subjects: [&'a str; 2]) -> Vec<Line<'a>> {
    let [left, right] = subjects;
    vec![
        Line::new(view, measure(Side::Left), "Left", left, "left"),
        Line::new(view, measure(Side::Right), "Right", right, "right"),
    ]
}

/// The patient's own activities, by the names that they gave them; an empty name is none. Up to five, each on a line that
/// bears its number.
pub fn activities(view: &View<'_>, names: &[String]) -> String {
    let drawn = [("1", "back"), ("2", "left"), ("3", "right"), ("4", "leg"), ("5", "ink")];
    let named = (1_u8..).zip(drawn).zip(names).filter(|(_, name)| !name.trim().is_empty());
    let lines =
        named.map(|((number, (label, class)), name)| Line::new(view, Measure::Activity(number), label, name, class));
    let plot = Plot {
        id: "activities",
        title: "What matters to you",
        unit: "0 is cannot do it, 10 as before",
        ask: "Rate your activities every two weeks, and it shows here.",
        most: 10,
        joined: Some(28),
        lines: lines.collect(),
    };
    let together = |frame: &Frame| trend::activities(view.logs, frame.from, frame.to);
    plot.figure(view, &|sentence, line, frame| {
        // Once, of all: the sizes that matter are those of the mean.
        let first = plot.lines.iter().find(|line| line.has_any(frame)).map(|line| line.label);
        if first != Some(line.label) {
            return false;
        }
        let Some(change) = together(frame) else {
            sentence.put(&["Rate your activities again in two weeks to see whether it changes. "]);
            return false;
        };
        sentence.put(&["Taken together your activities are at ", &change.now.1.words(), " of 10"]);
        sentence.since(&change, frame);
        worse(&change)
    })
}

/// What was done of the plan: a calendar, or weeks as columns where the span is long.
pub fn exercises(view: &View<'_>, planned: &Planned<'_>) -> String {
    let frame = Frame::of(view, 10);
    let days = trend::calendar(view.logs, frame.from, frame.to, view.today, planned);
    let any = days.iter().any(|day| day.planned > 0);
    let weeks: Vec<&[PlanDay]> = days.chunks(7).collect();
    let groups = frame.marks(view.marks, if frame.by_week { frame.letter() } else { 1 });
    let mut out = Markup::default();
    let drawn = match (any, frame.by_week) {
        (false, _) => Drawn::default(),
        (_, true) => columns(&frame, &weeks, &groups),
        (_, false) => cells(&days, &groups),
    };
    out.open("exercises", "Exercises", "sets done, of those planned", &drawn, &frame);
    out.put(&["<p>"]);
    if any {
        kept_sentence(&mut out, &days, &frame);
    } else {
        out.put(&["No exercises were planned ", view.span.in_words(), ". Choose two or three, and they show here."]);
    }
    out.put(&["</p>"]);
    if any {
        out.list_of(&groups, &frame);
        out.table_head("Sets done and planned", frame.by_week, &["Done", "Planned", "How it went"]);
        for week in &weeks {
            if frame.by_week {
                out.kept_week(week);
            } else {
                week.iter().for_each(|day| out.kept_day(day));
            }
        }
        out.table_foot();
    }
    out.put(&["</figure>"]);
    out.0
}

/// One line of a chart.
struct Line<'a> {
    series: Series,
    /// Beside the line, and above its column.
    label: &'a str,
    /// In a sentence.
    subject: &'a str,
    /// Whose colour it has.
    class: &'static str,
}

impl<'a> Line<'a> {
    fn new(view: &View<'_>, measure: Measure, label: &'a str, subject: &'a str, class: &'static str) -> Self {
        Self { series: Series::of(view.logs, measure), label, subject, class }
    }

    fn has_any(&self, frame: &Frame) -> bool {
        !self.series.between(frame.from, frame.to).is_empty()
    }
}

/// A chart of lines.
struct Plot<'a> {
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    /// What to do for there to be anything.
    ask: &'static str,
    /// The top of the axis.
    most: u16,
    /// Up to how many days apart two points are joined. None: the line is the usual value, day by day.
    joined: Option<i64>,
    lines: Vec<Line<'a>>,
}

// Where things are in the drawing, in units.
const WIDTH: i64 = 320;
const LEFT: i64 = 28;
const RIGHT: i64 = 232;
const TOP: i64 = 24;
const BOTTOM: i64 = 164;
/// How far apart words that stand one above the other must be.
const WORDS: i64 = 17;

/// The days that are drawn, and where.
struct Frame {
    from: Day,
    to: Day,
    days: i64,
    most: i64,
    by_week: bool,
    span: Span,
}

impl Frame {
    fn of(view: &View<'_>, most: u16) -> Self {
        let days = view.span.days(view.logs, view.today);
        let from = view.today.plus(1 - days);
        Self { from, to: view.today, days, most: most.into(), by_week: days > DAYS_DRAWN, span: view.span }
    }

    /// In tenths of a unit.
    fn x(&self, day: Day) -> i64 {
        LEFT * 10 + (RIGHT - LEFT) * 10 * (day.epoch_days() - self.from.epoch_days()) / (self.days - 1).max(1)
    }

    /// In tenths of a unit.
    fn y(&self, value: Tenths) -> i64 {
        BOTTOM * 10 - (BOTTOM - TOP) * i64::from(value.0) / self.most.max(1)
    }

    /// Of how many days a letter of 16 units takes the place.
    fn letter(&self) -> i64 {
        self.days * 16 / (RIGHT - LEFT) + 1
    }

    /// The last days of its weeks.
    fn week_ends(&self) -> impl Iterator<Item = Day> {
        (1..=self.days / 7).map(|week| self.from.plus(7 * week - 1))
    }

    /// The marks of these days, in order; those that would stand on one another, within so many days, together.
    fn marks<'a>(&self, marks: &'a [Mark], together: i64) -> Vec<Vec<&'a Mark>> {
        let mut sorted: Vec<&Mark> = vec![];
        for mark in marks.iter().filter(|mark| self.from <= mark.day && mark.day <= self.to) {
            sorted.insert(sorted.partition_point(|other| other.day <= mark.day), mark);
        }
        let mut groups: Vec<Vec<&Mark>> = vec![];
        for mark in sorted {
            let near = |first: &&Mark| mark.day.epoch_days() - first.day.epoch_days() < together;
            match groups.last_mut() {
                Some(group) if group.first().is_some_and(near) => group.push(mark),
                _ => groups.push(vec![mark]),
            }
        }
        groups
    }
}

/// A drawing, and what it says to those who do not see it.
#[derive(Default)]
struct Drawn {
    /// Empty where there is nothing to draw.
    svg: Markup,
    height: i64,
    described: &'static str,
}

impl Plot<'_> {
    /// The sentence says a line's own part, and whether it got worse.
    fn figure(&self, view: &View<'_>, say: &dyn Fn(&mut Markup, &Line<'_>, &Frame) -> bool) -> String {
        let frame = Frame::of(view, self.most);
        let lines: Vec<(usize, &Line<'_>)> =
            self.lines.iter().enumerate().filter(|(_, line)| line.has_any(&frame)).collect();
        let groups = frame.marks(view.marks, frame.letter());
        let drawn = if lines.is_empty() { Drawn::default() } else { self.draw(&frame, &lines, &groups) };
        let mut out = Markup::default();
        out.open(self.id, self.title, self.unit, &drawn, &frame);
        if self.lines.iter().any(|line| line.label.len() == 1) {
            self.key(&mut out, &lines);
        }
        let mut any_worse = false;
        for (_, line) in &lines {
            let mut sentence = Markup::default();
            any_worse |= say(&mut sentence, line, &frame);
            if !sentence.0.is_empty() {
                out.put(&["<p>", sentence.0.trim_end(), "</p>"]);
            }
        }
        if lines.is_empty() {
            out.put(&["<p>Nothing was logged here ", view.span.in_words(), ". ", self.ask, "</p>"]);
        }
        if any_worse {
            out.put(&["<p>If you are worried, or it goes on, <a href=\"/seek-help\">get help</a>.</p>"]);
        }
        if !lines.is_empty() {
            out.list_of(&groups, &frame);
            self.table(&mut out, &lines, &frame);
        }
        out.put(&["</figure>"]);
        out.0
    }

    fn drawing(&self, view: &View<'_>) -> String {
        let frame = Frame::of(view, self.most);
        let lines: Vec<(usize, &Line<'_>)> =
            self.lines.iter().enumerate().filter(|(_, line)| line.has_any(&frame)).collect();
        let groups = frame.marks(view.marks, frame.letter());
        let drawn = if lines.is_empty() { Drawn::default() } else { self.draw(&frame, &lines, &groups) };
        let mut out = Markup::default();
        out.open(self.id, self.title, self.unit, &drawn, &frame);
        if lines.is_empty() {
            out.put(&["<p>Nothing was logged here ", view.span.in_words(), ".</p>"]);
        } else {
            out.list_of(&groups, &frame);
        }
        out.put(&["</figure>"]);
        out.0
    }

    /// Which number is what, where lines bear numbers.
    fn key(&self, out: &mut Markup, lines: &[(usize, &Line<'_>)]) {
        out.put(&["<ul class=\"trend__key\">"]);
        for (at, line) in lines {
            out.put(&[
                "<li><svg class=\"trend__",
                line.class,
                "\" viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><path d=\"M0 0",
            ]);
            out.put(&[shape(*at), "\"/></svg> <b>", line.label, "</b> "]);
            out.text(line.subject);
            out.put(&["</li>"]);
        }
        out.put(&["</ul>"]);
    }

    fn draw(&self, frame: &Frame, lines: &[(usize, &Line<'_>)], groups: &[Vec<&Mark>]) -> Drawn {
        let mut svg = Markup::default();
        svg.axes(frame);
        svg.ticks(frame, groups);
        let mut labels: Vec<Label<'_>> = vec![];
        for (at, line) in lines {
            let dots = self.dots(&line.series, frame);
            let path = self.path(&line.series, &dots, frame);
            svg.put(&["<g class=\"trend__", line.class, "\">"]);
            // Weekly tests and the days of two weeks have room; more days than that stand behind their line.
            let small = frame.by_week || (self.joined.is_none() && frame.days > 31);
            svg.dots(frame, &dots, if small { small_shape(*at) } else { shape(*at) }, self.joined.is_some());
            svg.line(frame, &path, self.most_apart(frame), *at);
            svg.put(&["</g>"]);
            let end = path.last().or(dots.last());
            labels.extend(end.map(|(_, value)| Label { y: frame.y(*value) / 10, at: *at, line }));
        }
        spread(&mut labels);
        labels.iter().for_each(|label| svg.label(label));
        let described = match (self.joined.is_some(), frame.by_week) {
            (false, false) => {
                "Each line is the middle of the last 7 days, and breaks off where fewer than 4 of them were logged. Each small mark is one day."
            }
            (false, true) => {
                "Each line is what was usual in a week, and breaks off where fewer than 4 days of it were logged. Each small mark is the worst day of a week."
            }
            (true, false) => "Each mark is one test. Tests that are far apart are not joined.",
            (true, true) => "Each mark is the worst test of a week. Tests that are far apart are not joined.",
        };
        Drawn { svg, height: BOTTOM + 26, described }
    }

    /// What was logged, day by day, or the worst of each week.
    fn dots(&self, series: &Series, frame: &Frame) -> Vec<(Day, Tenths)> {
        if frame.by_week {
            let worst = |end: Day| Some((end, Tenths::whole(series.worst(end.plus(-6), end)?)));
            frame.week_ends().filter_map(worst).collect()
        } else {
            let points = series.between(frame.from, frame.to).iter();
            points.map(|(day, value)| (*day, Tenths::whole(*value))).collect()
        }
    }

    /// What the line goes through.
    fn path(&self, series: &Series, dots: &[(Day, Tenths)], frame: &Frame) -> Vec<(Day, Tenths)> {
        match (self.joined.is_some(), frame.by_week) {
            (true, _) => dots.to_vec(),
            (_, true) => frame.week_ends().filter_map(|end| Some((end, series.median(end)?))).collect(),
            (_, false) => series.medians(frame.from, frame.to),
        }
    }

    /// Up to how many days apart points of the line are joined.
    fn most_apart(&self, frame: &Frame) -> i64 {
        match (self.joined, frame.by_week) {
            // A week's mark is at its end, so that two tests may seem further apart than they are.
            (Some(days), true) => days + 6,
            (Some(days), false) => days,
            (None, true) => 7,
            (None, false) => 1,
        }
    }

    fn table(&self, out: &mut Markup, lines: &[(usize, &Line<'_>)], frame: &Frame) {
        let labels: Vec<&str> = lines.iter().map(|(_, line)| line.label).collect();
        let caption = [self.title, ": ", self.unit].concat();
        out.table_head(&caption, frame.by_week, &labels);
        let days: i64 = if frame.by_week { 7 } else { 1 };
        // The latest first: it is what is looked for.
        for row in 0..frame.days / days {
            let end = frame.to.plus(-row * days);
            let start = end.plus(1 - days);
            if lines.iter().all(|(_, line)| line.series.between(start, end).is_empty()) {
                continue;
            }
            out.row(start, frame);
            for (_, line) in lines {
                out.put(&["<td>"]);
                let worst = line.series.worst(start, end).map(|worst| worst.to_string());
                let usual = line.series.median(end).filter(|_| frame.by_week && self.joined.is_none());
                match (worst, usual) {
                    (Some(worst), Some(usual)) => out.put(&[&usual.words(), ", worst ", &worst]),
                    (Some(worst), None) if frame.by_week && self.joined.is_none() => out.put(&["worst ", &worst]),
                    (Some(worst), None) => out.put(&[&worst]),
                    (None, _) => out.put(&["–"]),
                }
                out.put(&["</td>"]);
            }
            out.put(&["</tr>"]);
        }
        out.table_foot();
    }
}

/// A name beside the end of its line.
struct Label<'a> {
    /// In units.
    y: i64,
    /// Which shape.
    at: usize,
    line: &'a Line<'a>,
}

/// Moves names apart, up to five of them, that would stand on one another; they keep their order.
fn spread(labels: &mut [Label<'_>]) {
    for end in 1..labels.len() {
        for at in (1..=end).rev() {
            if let Some([one, other]) = labels.get_mut(at - 1..=at)
                && one.y > other.y
            {
                std::mem::swap(one, other);
            }
        }
    }
    let mut least = TOP;
    for label in labels.iter_mut() {
        label.y = label.y.max(least);
        least = label.y + WORDS;
    }
    let mut most = BOTTOM;
    for label in labels.iter_mut().rev() {
        label.y = label.y.min(most);
        most = label.y - WORDS;
    }
}

/// The mark of a line, drawn from its middle: what tells lines apart where no colour does.
fn shape(at: usize) -> &'static str {
    match at {
        0 => "m-2.5 0a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0",
        1 => "m-2.5-2.5h5v5h-5z",
        2 => "m0-3.5 3.5 6h-7z",
        3 => "m0-4 4 4-4 4-4-4z",
        _ => "m-3-3 6 6m0-6-6 6",
    }
}

/// The same, small: for the many behind a line.
fn small_shape(at: usize) -> &'static str {
    match at {
        0 => "m-1.5 0a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0",
        1 => "m-1.3-1.3h2.6v2.6h-2.6z",
        2 => "m0-1.8 1.8 3h-3.6z",
        3 => "m0-2 2 2-2 2-2-2z",
        _ => "m-1.5-1.5 3 3m0-3-3 3",
    }
}

fn dashes(at: usize) -> &'static str {
    match at {
        0 => "",
        1 => " stroke-dasharray=\"7 4\"",
        2 => " stroke-dasharray=\"2 3\"",
        3 => " stroke-dasharray=\"9 3 2 3\"",
        _ => " stroke-dasharray=\"12 5\"",
    }
}

/// "A" to "Z", and then "AA".
fn letters(at: usize) -> String {
    let letter = |at: usize| u8::try_from(at % 26).map_or('A', |at| char::from(b'A' + at));
    let first = (at >= 26).then(|| letter(at / 26 - 1));
    first.into_iter().chain([letter(at)]).collect()
}

fn date(day: Day, frame: &Frame) -> String {
    if frame.by_week { day.long() } else { day.without_year() }
}

/// What is usual, what it was, and whether that matters. Says whether it got worse.
fn usual_sentence(out: &mut Markup, line: &Line<'_>, frame: &Frame) -> bool {
    let series = &line.series;
    out.put(&["Your ", line.subject]);
    let Some(now) = series.median(frame.to) else {
        let logged = series.between(frame.to.plus(-6), frame.to).len();
        out.put(&[
            " was logged on ",
            &logged.to_string(),
            " of the last 7 days, too few to say what is usual: rate it on 4 or more. ",
        ]);
        if let Some((day, value)) = series.latest(frame.from, frame.to) {
            out.put(&["It was ", &value.to_string(), " on ", &date(day, frame), ". "]);
        }
        return false;
    };
    out.put(&[" is usually ", &now.words(), " now"]);
    let change = series.usual_difference(frame.from, frame.to);
    match change {
        None => out.put(&["; there is not enough from before to compare it with. "]),
        Some(change) => out.since(&change, frame),
    }
    let worse_over_all = change.is_some_and(|change| worse(&change));
    // What fell over a year may have risen for a month: the first must not hide the other.
    let month = series.usual_difference(frame.to.plus(-28), frame.to).filter(|month| worse(month) && !worse_over_all);
    let is_longer = frame.days > 28;
    if let Some(month) = month.filter(|_| is_longer) {
        out.put(&["But in the last 4 weeks it rose from ", &month.before.1.words(), ", and that matters. "]);
    }
    if let Some(worst) = series.worst(frame.to.plus(-6), frame.to).filter(|worst| *worst * 10 >= now.0 + 20) {
        out.put(&["Its worst in the last 7 days was ", &worst.to_string(), ". "]);
    }
    worse_over_all || (is_longer && month.is_some())
}

/// The latest test, against the best and the first of these days. Says whether it got worse.
fn test_sentence(out: &mut Markup, line: &Line<'_>, frame: &Frame, unit: &str) -> bool {
    let series = &line.series;
    let (Some(latest), Some(best)) = (series.latest(frame.from, frame.to), series.best(frame.from, frame.to)) else {
        return false;
    };
    out.put(&["Your ", line.subject, " was ", &latest.1.to_string(), unit, " on ", &date(latest.0, frame)]);
    let of = |day: (Day, u16)| (day.0, Tenths::whole(day.1));
    let fall = Difference::of(series.measure, of(best), of(latest));
    let change = series.difference(frame.from, frame.to);
    if fall.toward == Toward::Worse {
        // Against the best, and not the first: who got better and then weaker again is weaker.
        out.put(&["; its best was ", &best.1.to_string(), ", on ", &date(best.0, frame), ". ", verdict(&fall), " "]);
    } else if let Some(change) = change {
        out.since(&change, frame);
    } else {
        out.put(&[". Test it once a week to see whether it changes. "]);
    }
    if frame.to.epoch_days() - latest.0.epoch_days() > 14 {
        out.put(&["That is more than two weeks ago: test it again. "]);
    }
    worse(&fall)
}

fn worse(change: &Difference) -> bool {
    change.toward == Toward::Worse && change.matters()
}

fn verdict(change: &Difference) -> &'static str {
    match (change.toward, change.size) {
        (Toward::Same, _) => "",
        (Toward::Better, Size::Slight) => "That is a little better, too little to be sure of.",
        (Toward::Better, Size::Small) => "That is better, and a change that matters.",
        (Toward::Better, Size::Medium) => "That is better, and a medium change.",
        (Toward::Better, Size::Large) => "That is better, and a large change.",
        (Toward::Worse, Size::Slight) => "That is a little worse.",
        (Toward::Worse, _) => "That is worse, and a change that matters.",
    }
}

/// What was done, without a word about what was not.
fn kept_sentence(out: &mut Markup, days: &[PlanDay], frame: &Frame) {
    let (done, planned) = trend::sets(days);
    let active = days.iter().filter(|day| matches!(day.kept, Kept::Done | Kept::Partly)).count();
    if planned == 0 || active == 0 {
        out.put(&["Nothing is ticked yet ", frame.span.in_words(), ". A set or two is a good start."]);
        return;
    }
    let rest = days.iter().filter(|day| day.kept == Kept::Rest).count();
    out.put(&[
        "You exercised on ",
        &counted(active, "day"),
        " ",
        frame.span.in_words(),
        ", and did ",
        &done.to_string(),
    ]);
    out.put(&[" of ", &planned.to_string(), " planned sets (", &(done * 100 / planned).to_string(), "%). "]);
    let Streak { now, longest } = trend::streak(days);
    if now > 1 {
        out.put(&["That is ", &now.to_string(), " exercise days in a row now. "]);
    } else if longest > 1 {
        out.put(&["Your longest run was ", &longest.to_string(), " exercise days. "]);
    }
    if rest > 0 {
        out.put(&["Rest days are part of the plan: you had ", &rest.to_string(), "."]);
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    [number.to_string().as_str(), " ", noun, plural].concat()
}

impl Kept {
    fn words(self) -> &'static str {
        match self {
            Self::Done => "All done",
            Self::Partly => "Some done",
            Self::Rest => "Rest day",
            Self::Missed => "Not ticked",
            Self::Skipped => "Left out, with a reason",
            Self::NoPlan => "No plan",
            Self::Ahead => "To come",
        }
    }

    /// The sign in the calendar, from the middle of its place.
    fn sign(self) -> &'static str {
        match self {
            Self::Done => {
                "<rect x=\"-7\" y=\"-7\" width=\"14\" height=\"14\" rx=\"3\" class=\"trend__full\"/><path class=\"trend__tick\" d=\"m-4 0 3 3 5-6\"/>"
            }
            Self::Partly => {
                "<rect x=\"-7\" y=\"-7\" width=\"14\" height=\"14\" rx=\"3\"/><path class=\"trend__full\" d=\"M-7 7V0H7v7z\"/>"
            }
            Self::Rest => "<path d=\"M-6 0H6\"/>",
            Self::Missed => "<rect x=\"-7\" y=\"-7\" width=\"14\" height=\"14\" rx=\"3\"/>",
            Self::Skipped => "<rect x=\"-7\" y=\"-7\" width=\"14\" height=\"14\" rx=\"3\"/><path d=\"M-4 4 4-4\"/>",
            Self::NoPlan => "<circle r=\"1\"/>",
            Self::Ahead => "",
        }
    }
}

/// A row for each week, a sign for each day.
fn cells(days: &[PlanDay], groups: &[Vec<&Mark>]) -> Drawn {
    const ACROSS: i64 = 36;
    const DOWN: i64 = 22;
    let mut svg = Markup::default();
    // Rows begin on Mondays: 1 January 1970 was a Thursday.
    let offset = days.first().map_or(0, |day| (day.day.epoch_days() + 3).rem_euclid(7));
    for (at, name) in (0..).zip(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]) {
        svg.words(78 + at * ACROSS, 14, "middle", name);
    }
    let mut place = (0, 0);
    for (at, day) in (offset..).zip(days) {
        place = (78 + at % 7 * ACROSS, 34 + at / 7 * DOWN);
        if at % 7 == 0 || at == offset {
            svg.words(2, place.1 + 5, "start", &day.day.short());
        }
        svg.sign(place, day.kept);
        let mark = groups.iter().position(|group| group.iter().any(|mark| mark.day == day.day));
        if let Some(mark) = mark {
            svg.words(place.0 + 9, place.1 + 5, "start", &letters(mark));
        }
    }
    // Which sign is what, of those that are there.
    let mut y = place.1 + 12;
    for kept in [Kept::Done, Kept::Partly, Kept::Rest, Kept::Skipped, Kept::Missed, Kept::NoPlan] {
        if days.iter().any(|day| day.kept == kept) {
            y += 21;
            svg.sign((12, y), kept);
            svg.words(26, y + 5, "start", kept.words());
        }
    }
    Drawn { svg, height: y + 14, described: "A row for each week and a sign for each day." }
}

/// A column for each week: its sets done, of those planned.
fn columns(frame: &Frame, weeks: &[&[PlanDay]], groups: &[Vec<&Mark>]) -> Drawn {
    let mut svg = Markup::default();
    svg.axes(&Frame { most: 100, ..*frame });
    svg.ticks(frame, groups);
    let count = i64::try_from(weeks.len()).unwrap_or(1).max(1);
    svg.put(&["<path class=\"trend__full\" d=\""]);
    for (at, week) in (0..).zip(weeks) {
        let (done, planned) = trend::sets(week);
        if planned == 0 {
            continue;
        }
        let edge = |at: i64| LEFT * 10 + (RIGHT - LEFT) * 10 * at / count;
        // Never of no height: a week with a plan is not one without.
        let height = ((BOTTOM - TOP) * 10 * i64::from(done.min(planned)) / i64::from(planned)).max(10);
        let gap = (edge(1) - edge(0)) / 5;
        svg.at("M", edge(at), BOTTOM * 10);
        svg.put(&["v-"]);
        svg.tenths(height);
        svg.put(&["h"]);
        svg.tenths(edge(at + 1) - edge(at) - gap);
        svg.put(&["V"]);
        svg.tenths(BOTTOM * 10);
        svg.put(&["z"]);
    }
    svg.put(&["\"/>"]);
    svg.words(RIGHT + 6, TOP + 5, "start", "% done");
    Drawn { svg, height: BOTTOM + 26, described: "A column for each week: how many of its planned sets were done." }
}

/// The text that is made, and how what is in it is escaped.
#[derive(Default)]
struct Markup(String);

impl Markup {
    /// As it is: our own text.
    fn put(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.0.push_str(part));
    }

    /// Somebody else's text.
    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // XML has no words for them.
                control if control.is_control() => self.0.push(' '),
                letter => self.0.push(letter),
            }
        }
    }

    fn int(&mut self, number: i64) {
        self.0.push_str(&number.to_string());
    }

    /// 35 as "3.5"; of what is not negative.
    fn tenths(&mut self, number: i64) {
        self.int(number / 10);
        if number % 10 != 0 {
            self.0.push('.');
            self.int(number % 10);
        }
    }

    /// A command of a path that ends in a place, in tenths of a unit.
    fn at(&mut self, command: &str, x: i64, y: i64) {
        self.put(&[command]);
        self.tenths(x);
        self.put(&[" "]);
        self.tenths(y);
    }

    /// Words of our own, in units.
    fn words(&mut self, x: i64, y: i64, anchor: &str, words: &str) {
        self.put(&["<text x=\""]);
        self.int(x);
        self.put(&["\" y=\""]);
        self.int(y);
        self.put(&["\" text-anchor=\"", anchor, "\">", words, "</text>"]);
    }

    fn sign(&mut self, place: (i64, i64), kept: Kept) {
        let sign = kept.sign();
        if !sign.is_empty() {
            self.put(&["<g class=\"trend__sign\" transform=\"translate("]);
            self.int(place.0);
            self.put(&[" "]);
            self.int(place.1);
            self.put(&[")\">", sign, "</g>"]);
        }
    }

    /// Begins a figure: title, unit and drawing.
    fn open(&mut self, id: &str, title: &str, unit: &str, drawn: &Drawn, frame: &Frame) {
        self.put(&["<figure class=\"trend\"><figcaption><b>", title, "</b> <span>", unit, "</span></figcaption>"]);
        if drawn.svg.0.is_empty() {
            return;
        }
        self.put(&["<svg class=\"trend__drawing\" viewBox=\"0 0 "]);
        self.int(WIDTH);
        self.put(&[" "]);
        self.int(drawn.height);
        self.put(&[
            "\" role=\"img\" aria-labelledby=\"trend-",
            id,
            "-title trend-",
            id,
            "-desc\"><title id=\"trend-",
            id,
            "-title\">",
        ]);
        self.put(&[title, ", ", unit, "</title><desc id=\"trend-", id, "-desc\">From ", &frame.from.long(), " to "]);
        self.put(&[&frame.to.long(), ". ", drawn.described, "</desc>", &drawn.svg.0, "</svg>"]);
    }

    /// Lines across with their numbers, and three dates below.
    fn axes(&mut self, frame: &Frame) {
        let steps: i64 = if frame.most == 5 { 5 } else { 2 };
        self.put(&["<path class=\"trend__grid\" d=\""]);
        for step in 0..=steps {
            self.at("M", LEFT * 10, BOTTOM * 10 - (BOTTOM - TOP) * 10 * step / steps);
            self.put(&["h"]);
            self.int(RIGHT - LEFT);
        }
        self.put(&["\"/>"]);
        for step in 0..=steps {
            let y = BOTTOM - (BOTTOM - TOP) * step / steps + 5;
            self.words(LEFT - 5, y, "end", &(frame.most * step / steps).to_string());
        }
        let named = |day: Day| if frame.by_week { day.short_with_year() } else { day.short() };
        let y = BOTTOM + 21;
        self.words(2, y, "start", &named(frame.from));
        self.words((LEFT + RIGHT) / 2, y, "middle", &named(frame.from.plus(frame.days / 2)));
        self.words(RIGHT, y, "middle", &named(frame.to));
    }

    /// A line down and a letter above it for each group of marks.
    fn ticks(&mut self, frame: &Frame, groups: &[Vec<&Mark>]) {
        for (at, group) in groups.iter().enumerate() {
            let Some(first) = group.first() else { continue };
            let alert = group.iter().any(|mark| mark.kind == MarkKind::Alert);
            let x = frame.x(first.day);
            self.put(&["<path class=\"trend__mark", if alert { " trend__mark--alert" } else { "" }, "\" d=\""]);
            self.at("M", x, TOP * 10 - 40);
            self.put(&["V"]);
            self.int(BOTTOM);
            self.put(&["\"/>"]);
            self.words(x / 10, TOP - 8, "middle", &letters(at));
        }
    }

    /// All marks of a line as one path: a mark of its own for each would be five times as long.
    fn dots(&mut self, frame: &Frame, dots: &[(Day, Tenths)], shape: &str, strong: bool) {
        self.put(&["<path class=\"trend__dots", if strong { " trend__dots--strong" } else { "" }, "\" d=\""]);
        for (day, value) in dots {
            self.at("M", frame.x(*day), frame.y(*value));
            self.put(&[shape]);
        }
        self.put(&["\"/>"]);
    }

    /// A line that is broken wherever two points are further apart.
    fn line(&mut self, frame: &Frame, points: &[(Day, Tenths)], most_apart: i64, at: usize) {
        let fine = if frame.by_week { " trend__line--fine" } else { "" };
        self.put(&["<path class=\"trend__line", fine, "\"", dashes(at), " d=\""]);
        let mut before: Option<Day> = None;
        for (day, value) in points {
            let (x, y) = (frame.x(*day), frame.y(*value));
            if before.is_some_and(|before| day.epoch_days() - before.epoch_days() <= most_apart) {
                self.at("L", x, y);
            } else {
                // The stub shows a point that has no neighbour.
                self.at("M", x, y);
                self.put(&["h.1"]);
            }
            before = Some(*day);
        }
        self.put(&["\"/>"]);
    }

    fn label(&mut self, label: &Label<'_>) {
        self.put(&["<g class=\"trend__", label.line.class, "\"><path class=\"trend__dots trend__dots--strong\" d=\"M"]);
        self.int(RIGHT + 13);
        self.put(&[" "]);
        self.int(label.y);
        self.put(&[shape(label.at), "\"/>"]);
        self.words(RIGHT + 21, label.y + 5, "start", label.line.label);
        self.put(&["</g>"]);
    }

    /// The end of a sentence on what is now: what was, when, and what that means.
    fn since(&mut self, change: &Difference, frame: &Frame) {
        if change.toward == Toward::Same {
            self.put(&[", the same as "]);
        } else {
            self.put(&["; it was ", &change.before.1.words(), " "]);
        }
        let ago = match frame.span {
            Span::TwoWeeks => "two weeks ago",
            Span::ThreeMonths => "three months ago",
            Span::Year => "a year ago",
            Span::All | Span::Days(_) => "",
        };
        let began = change.before.0;
        if ago.is_empty() || began > frame.from.plus(frame.days / 13) {
            self.put(&["on ", &date(began, frame)]);
        } else {
            self.put(&[ago]);
        }
        self.put(&[". ", verdict(change), " "]);
    }

    /// What the letters on the drawing stand for.
    fn list_of(&mut self, groups: &[Vec<&Mark>], frame: &Frame) {
        if groups.is_empty() {
            return;
        }
        self.put(&["<ul class=\"trend__marks\">"]);
        for (at, group) in groups.iter().enumerate() {
            for mark in group {
                self.put(&["<li><b>", &letters(at), "</b> ", &date(mark.day, frame), ". ", mark.kind.name(), ": "]);
                self.text(&mark.words);
                self.put(&["</li>"]);
            }
        }
        self.put(&["</ul>"]);
    }

    fn table_head(&mut self, caption: &str, by_week: bool, columns: &[&str]) {
        let first = if by_week { "Week from" } else { "Day" };
        self.put(&["<details><summary>Show the numbers</summary><table><caption>", caption, "</caption><thead><tr>"]);
        for column in [first].iter().chain(columns) {
            self.put(&["<th scope=\"col\">", column, "</th>"]);
        }
        self.put(&["</tr></thead><tbody>"]);
    }

    fn row(&mut self, day: Day, frame: &Frame) {
        self.put(&["<tr><th scope=\"row\">", &date(day, frame), "</th>"]);
    }

    fn table_foot(&mut self) {
        self.put(&["</tbody></table></details>"]);
    }

    fn kept_day(&mut self, day: &PlanDay) {
        if day.kept == Kept::Ahead {
            return;
        }
        self.put(&["<tr><th scope=\"row\">", &day.day.without_year(), "</th><td>", &day.done.to_string(), "</td><td>"]);
        self.put(&[&day.planned.to_string(), "</td><td>", day.kept.words()]);
        for (at, reason) in day.reasons.iter().enumerate() {
            self.put(&[if at == 0 { ": " } else { "; " }]);
            self.text(reason);
        }
        self.put(&["</td></tr>"]);
    }

    fn kept_week(&mut self, week: &[PlanDay]) {
        let (done, planned) = trend::sets(week);
        let Some(first) = week.first() else { return };
        let active = week.iter().filter(|day| matches!(day.kept, Kept::Done | Kept::Partly)).count();
        self.put(&["<tr><th scope=\"row\">", &first.day.long(), "</th><td>", &done.to_string(), "</td><td>"]);
        self.put(&[&planned.to_string(), "</td><td>", &counted(active, "day"), "</td></tr>"]);
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write, time::Instant};

    use proptest::prelude::*;

    use super::*;
    use crate::tracker::{entry::Stamp, log::Change};

    fn today() -> Day {
        "2026-11-22".parse().unwrap()
    }

    /// What was measured so many days ago.
    fn log(ago: i64, measures: &[(Measure, u16)]) -> DayLog {
        let mut log = DayLog::empty(today().plus(-ago));
        for (millis, (measure, value)) in (1..).zip(measures) {
            let change = Change::Measured { measure: *measure, value: Some(*value) };
            log.write(&change.writes(&log, "1"), Stamp { millis, count: 0, writer: 1 });
        }
        log
    }

    const LEG: Measure = Measure::Pain(Place::LeftLeg);

    fn view<'a>(logs: &'a [DayLog], span: Span) -> View<'a> {
        View { logs, span, today: today(), marks: &[] }
    }

    /// Each day of so many, falling from 8 to 2 with some noise, and the weekly and fortnightly tests.
    fn years(days: i64) -> Vec<DayLog> {
        let noise = |ago: i64, by: i64| u16::try_from((ago * ago * by + ago * 3) % 11 % 4).unwrap();
        let day = |ago: i64| {
            let trend = u16::try_from(1 + 6 * ago / days).unwrap();
            let mut measures = vec![
                (Measure::Pain(Place::Back), trend + noise(ago, 5)),
                (LEG, (trend + 1 + noise(ago, 7)).min(10)),
                (Measure::Pain(Place::RightLeg), noise(ago, 2)),
            ];
            if ago % 7 == 0 {
                measures.push((Measure::Foot(Side::Left), 5 - trend / 2));
                measures.push((Measure::Foot(Side::Right), 5));
                measures.push((Measure::HeelWalk(Side::Left), 10 - trend));
                measures.push((Measure::HeelWalk(Side::Right), 10));
            }
            if ago % 14 == 0 {
                let rated = (1..=5).map(|number| (Measure::Activity(number), 9 - trend + u16::from(number) % 3));
                measures.extend(rated);
            }
            log(ago, &measures)
        };
        (0..days).map(day).collect()
    }

    fn names() -> Vec<String> {
        let names = [
            "Tying my shoes",
            "Standing at the sink while I wash up after a family dinner for eight",
            "Driving",
            "Stairs <up & down>",
            "Bus",
        ];
        names.map(str::to_owned).to_vec()
    }

    fn planned(day: Day) -> Option<Vec<(&'static str, u8)>> {
        let weekday = day.epoch_days().rem_euclid(7);
        (day >= today().plus(-1_000)).then(|| if weekday == 3 { vec![] } else { vec![("bridge", 2), ("walking", 1)] })
    }

    fn every_chart(view: &View<'_>) -> [String; 5] {
        let names = names();
        [pain(view), foot(view), heel_walk(view), activities(view, &names), exercises(view, &planned)]
    }

    /// Whether every tag that opens closes, in order, every attribute is quoted once, and every ampersand is a reference.
    fn well_formed(text: &str) -> Result<(), String> {
        let mut open: Vec<&str> = vec![];
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            if before.contains('>') {
                return Err(format!("a bare > in {before}"));
            }
            let (tag, after) = after.split_once('>').ok_or("no end of a tag")?;
            rest = after;
            if tag.contains('<') || tag.matches('"').count() % 2 != 0 {
                return Err(format!("bad tag {tag}"));
            }
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) if open.pop() != Some(name) => return Err(format!("</{name}> closes another")),
                (false, false) => open.push(name),
                _ => {}
            }
            let mut attributes: Vec<&str> =
                tag.split('"').step_by(2).filter_map(|text| text.trim().rsplit(' ').next()).collect();
            attributes.sort_unstable();
            let twice = attributes.windows(2).any(|two| two[0] == two[1] && !two[0].is_empty() && two[0] != "/");
            if twice {
                return Err(format!("an attribute twice: {tag}"));
            }
        }
        let reference =
            |after: &str| ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| after.starts_with(name));
        if !text.split('&').skip(1).all(reference) {
            return Err("a bare &".to_owned());
        }
        if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
    }

    #[test]
    fn the_checker_of_markup_sees_what_is_wrong() {
        assert_eq!(well_formed("<p>a &amp; <b/></p>"), Ok(()));
        for text in ["<p>", "<p></b>", "<p a=\"1></p>", "a & b", "</p>", "<p x=\"1\" x=\"2\"/>"] {
            assert!(well_formed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_change_that_matters_is_said_in_words_and_drawn_to_the_same_numbers() {
        let old = (84..91).map(|ago| log(ago, &[(LEG, 5)]));
        let logs: Vec<DayLog> = old.chain((0..7).map(|ago| log(ago, &[(LEG, 3)]))).collect();
        let html = pain(&view(&logs, Span::ThreeMonths));
        let said = "Your left leg pain is usually 3 now; it was 5 three months ago. That is better, and a change that matters.";
        assert!(html.contains(said), "{html}");
        assert!(html.contains("<svg class=\"trend__drawing\" viewBox=\"0 0 320 190\" role=\"img\" aria-labelledby=\"trend-pain-title trend-pain-desc\">"));
        assert!(html.contains("From 24 August 2026 to 22 November 2026."), "{html}");
        assert!(html.contains("<tr><th scope=\"row\">22 November</th><td>3</td></tr>"), "{html}");
        assert!(!html.contains("Back</text>"), "what was never rated has no line");
    }

    #[test]
    fn what_rose_in_a_month_is_said_though_it_fell_in_a_year() {
        let level = |ago: i64| match ago {
            0..7 => 4,
            7..60 => 2,
            _ => 8,
        };
        let logs: Vec<DayLog> = (0..364).map(|ago| log(ago, &[(LEG, level(ago))])).collect();
        let html = pain(&view(&logs, Span::Year));
        assert!(
            html.contains(
                "it was 8 a year ago. That is better, and a change that matters. But in the last 4 weeks it rose from 2"
            ),
            "{html}"
        );
        assert!(html.contains("href=\"/seek-help\""));
    }

    #[test]
    fn a_bad_day_is_said_and_drawn_though_the_usual_is_low() {
        let logs: Vec<DayLog> = (0..364).map(|ago| log(ago, &[(LEG, if ago == 3 { 9 } else { 2 })])).collect();
        let html = pain(&view(&logs, Span::Year));
        assert!(html.contains("is usually 2 now"), "{html}");
        assert!(html.contains("Its worst in the last 7 days was 9."), "{html}");
        assert!(html.contains("<td>2, worst 9</td>"), "{html}");
    }

    #[test]
    fn too_little_is_said_to_be_too_little_and_what_to_do() {
        let nothing = pain(&view(&[], Span::TwoWeeks));
        assert!(
            nothing.contains("Nothing was logged here in these 2 weeks. Rate your pain on 4 days or more of each week"),
            "{nothing}"
        );
        assert!(!nothing.contains("<svg") && !nothing.contains("<table"), "{nothing}");
        let one = pain(&view(&[log(2, &[(LEG, 7)])], Span::TwoWeeks));
        let said = "Your left leg pain was logged on 1 of the last 7 days, too few to say what is usual: rate it on 4 or more. It was 7 on 20 November.";
        assert!(one.contains(said), "{one}");
        assert!(one.contains("trend__line\" stroke-dasharray=\"7 4\" d=\"\""), "one day has a mark and no line: {one}");
    }

    #[test]
    fn a_weaker_foot_is_measured_against_its_best_and_not_its_first() {
        let tests = [(70, 2), (35, 5), (0, 4)];
        let logs: Vec<DayLog> =
            tests.into_iter().map(|(ago, score)| log(ago, &[(Measure::Foot(Side::Left), score)])).collect();
        let html = foot(&view(&logs, Span::ThreeMonths));
        let said = "Your left foot was 4 of 5 on 22 November; its best was 5, on 18 October. That is worse, and a change that matters.";
        assert!(html.contains(said), "{html}");
        assert!(html.contains("get help</a>"), "{html}");
        let drawn = &html[html.find("trend__line").unwrap()..];
        let line = &drawn[..drawn.find("/>").unwrap()];
        assert!(!line.contains('L'), "five weeks apart is a gap: {line}");
    }

    #[test]
    fn a_gap_in_the_days_is_a_gap_in_the_line() {
        let logs: Vec<DayLog> =
            (0..60).filter(|ago| !(20..35).contains(ago)).map(|ago| log(ago, &[(LEG, 4)])).collect();
        let html = pain(&view(&logs, Span::ThreeMonths));
        let drawn = &html[html.find("trend__line").unwrap()..];
        let line = &drawn[..drawn.find("/>").unwrap()];
        assert_eq!(line.matches('M').count(), 2, "{line}");
    }

    #[test]
    fn activities_are_judged_together_and_named_below() {
        let rated = |ago, score| {
            log(ago, &[(Measure::Activity(1), score), (Measure::Activity(2), score + 1), (Measure::Activity(4), score)])
        };
        let logs = [rated(56, 2), rated(14, 4), rated(0, 5)];
        let html = activities(&view(&logs, Span::ThreeMonths), &names());
        let said = "Taken together your activities are at 5.3 of 10; it was 2.3 on 27 September. That is better, and a large change.";
        assert!(html.contains(said), "{html}");
        assert!(html.contains("<b>4</b> Stairs &lt;up &amp; down&gt;</li>"), "{html}");
        assert!(!html.contains("Driving"), "what was not rated is not there: {html}");
        assert_eq!(html.matches("Taken together").count(), 1);
    }

    #[test]
    fn the_calendar_says_what_was_done_and_blames_nobody() {
        let mut logs: Vec<DayLog> = (0..10).map(|ago| log(ago, &[(LEG, 2)])).collect();
        for log in logs.iter_mut().skip(3) {
            let set = Change::Set { exercise: "bridge".to_owned(), set: 1, done: true };
            let writes = set.writes(log, "1");
            log.write(&writes, Stamp { millis: 9, count: 0, writer: 1 });
        }
        let skip = Change::Skipped { exercise: "walking".to_owned(), reason: "Flare <bad>".to_owned() };
        let writes = skip.writes(&logs[1], "1");
        logs[1].write(&writes, Stamp { millis: 9, count: 0, writer: 1 });
        let html = exercises(&view(&logs, Span::TwoWeeks), &planned);
        assert!(html.contains("You exercised on "), "{html}");
        assert!(html.contains("Left out, with a reason: Flare &lt;bad&gt;</td>"), "{html}");
        assert!(html.contains("Rest days are part of the plan"), "{html}");
        for word in ["miss", "fail", "lost", "broke", "only"] {
            assert!(!html.to_lowercase().contains(word), "{word}: {html}");
        }
        let none = exercises(&view(&logs, Span::TwoWeeks), &|_| None);
        assert!(none.contains("No exercises were planned in these 2 weeks."), "{none}");
    }

    #[test]
    fn marks_bear_letters_that_are_explained_below_and_escaped() {
        let mark = |ago: i64, kind, words: &str| Mark { day: today().plus(-ago), words: words.to_owned(), kind };
        let marks = [
            mark(1, MarkKind::Alert, "foot weaker"),
            mark(40, MarkKind::Plan, "added \"bridge\""),
            mark(0, MarkKind::Flare, "after <b>gardening</b>"),
            mark(400, MarkKind::Flare, "long ago"),
        ];
        let logs = years(91);
        let html = pain(&View { marks: &marks, ..view(&logs, Span::ThreeMonths) });
        assert!(html.contains("<li><b>A</b> 13 October. Plan: added &quot;bridge&quot;</li>"), "{html}");
        assert!(html.contains("<li><b>B</b> 21 November. Alert: foot weaker</li>"), "{html}");
        assert!(html.contains("<li><b>B</b> 22 November. Flare-up: after &lt;b&gt;gardening"), "{html}");
        assert!(html.contains("trend__mark--alert") && !html.contains("long ago"), "{html}");
        assert_eq!([letters(0), letters(25), letters(26), letters(53)], ["A", "Z", "AA", "BB"]);
    }

    #[test]
    fn every_chart_of_every_span_is_well_formed_and_has_no_colour_of_its_own() {
        let (full, one) =
            (years(500), [log(3, &[(LEG, 7), (Measure::Foot(Side::Left), 3), (Measure::Activity(2), 4)])]);
        for logs in [&[][..], &one, &full] {
            for span in Span::EACH {
                for html in every_chart(&view(logs, span)) {
                    assert_eq!(well_formed(&html), Ok(()), "{html}");
                    assert!(
                        !html.contains("style=") && !html.contains("fill=") && !html.contains("stroke=\""),
                        "{html}"
                    );
                }
            }
        }
    }

    #[test]
    fn three_years_stay_small_and_quick() {
        let logs = years(1_095);
        let began = Instant::now();
        let charts = every_chart(&view(&logs, Span::All));
        // Generous: an unoptimised build on a busy machine. It catches work that grows with the square of the days.
        assert!(began.elapsed().as_millis() < 2_000, "{:?}", began.elapsed());
        let sizes = charts.map(|html| html.len());
        assert!(sizes.iter().all(|size| *size < 48_000), "{sizes:?}");
        let sizes = every_chart(&view(&logs, Span::Year)).map(|html| html.len());
        assert!(sizes.iter().all(|size| *size < 20_000), "{sizes:?}");
        let sizes = every_chart(&view(&logs, Span::ThreeMonths)).map(|html| html.len());
        assert!(sizes.iter().all(|size| *size < 30_000), "{sizes:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_is_logged_in_whatever_order_the_chart_is_the_same_and_well_formed(
            points in prop::collection::btree_map(0..400_i64, 0..=10_u16, 0..60),
            span in prop::sample::select(Span::EACH.to_vec()),
            words in ".{0,20}",
        ) {
            let mut logs: Vec<DayLog> = points.iter().map(|(ago, value)| log(*ago, &[(LEG, *value), (Measure::Activity(1), *value)])).collect();
            let marks = [Mark { day: today(), words: words.clone(), kind: MarkKind::Flare }];
            let names = [words];
            let drawn = |logs: &[DayLog]| {
                let view = View { marks: &marks, ..view(logs, span) };
                [pain(&view), activities(&view, &names)].concat()
            };
            let html = drawn(&logs);
            prop_assert_eq!(well_formed(&html), Ok(()));
            logs.reverse();
            prop_assert_eq!(drawn(&logs), html);
        }
    }

    /// `CHART_PAGE=/tmp/charts.html cargo nextest run -p app --run-ignored only sample_page`, to be looked at in a browser;
    /// `CHART_STYLES` names stylesheets, parted by commas, as the page's addresses of them.
    #[test]
    #[ignore = "writes a page to look at"]
    fn sample_page() {
        let path = std::env::var("CHART_PAGE").unwrap();
        let mut html =
            "<!doctype html><html lang=en-GB><meta charset=utf-8><meta name=viewport content=\"width=device-width\">"
                .to_owned();
        for sheet in std::env::var("CHART_STYLES").unwrap_or_default().split(',') {
            write!(html, "<link rel=stylesheet href=\"{sheet}\">").unwrap();
        }
        html.push_str("<main class=wrap><div class=grid>");
        let mark = |ago: i64, kind, words: &str| Mark { day: today().plus(-ago), words: words.to_owned(), kind };
        let marks = [
            mark(3, MarkKind::Flare, "after a long drive"),
            mark(9, MarkKind::Plan, "added sitting ankle lifts"),
            mark(60, MarkKind::Alert, "your left foot tested weaker"),
            mark(61, MarkKind::Plan, "a rest of two days"),
            mark(300, MarkKind::Plan, "began"),
        ];
        let mut full = years(1_095);
        for log in full.iter_mut().filter(|log| log.day.epoch_days() % 5 != 0) {
            for (exercise, set) in [("bridge", 1), ("bridge", 2), ("walking", 1)]
                .into_iter()
                .take(usize::try_from(log.day.epoch_days() % 4).unwrap())
            {
                let writes = Change::Set { exercise: exercise.to_owned(), set, done: true }.writes(log, "1");
                log.write(&writes, Stamp { millis: 9, count: 0, writer: 1 });
            }
            if log.day.epoch_days() % 8 == 4 {
                let writes =
                    Change::Skipped { exercise: "bridge".to_owned(), reason: "Flare-up".to_owned() }.writes(log, "1");
                log.write(&writes, Stamp { millis: 9, count: 0, writer: 1 });
            }
        }
        let gaps: Vec<DayLog> = full.iter().filter(|log| log.day.epoch_days() % 50 > 20).cloned().collect();
        let months = years(91);
        let one = [log(2, &[(LEG, 7), (Measure::Foot(Side::Left), 3), (Measure::Activity(2), 4)])];
        let samples: [(&str, &[DayLog], Span); 6] = [
            ("Two weeks", &full, Span::TwoWeeks),
            ("Three months", &months, Span::ThreeMonths),
            ("Three years", &full, Span::All),
            ("Gaps", &gaps, Span::Year),
            ("One point", &one, Span::TwoWeeks),
            ("Empty", &[], Span::TwoWeeks),
        ];
        for (name, logs, span) in samples {
            for chart in every_chart(&View { logs, span, today: today(), marks: &marks }) {
                write!(html, "<section class=box><h2>{name}</h2>{chart}</section>").unwrap();
            }
        }
        std::fs::write(path, html).unwrap();
    }
}
