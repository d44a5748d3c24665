//! One panel, as a dashboard's author thinks of it.

use super::ask::Ask;
use super::unit::Unit;

/// How a panel shows its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines over time.
    Series,
    /// One number now.
    Stat,
    /// Bars, one a series, now.
    Bars,
    /// Rows and columns, now.
    Table,
    /// A histogram over time.
    Heat,
    /// Words over time, one row a series.
    States,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Series,
        Self::Stat,
        Self::Bars,
        Self::Table,
        Self::Heat,
        Self::States,
    ];

    /// Its name in Grafana.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Series => "timeseries",
            Self::Stat => "stat",
            Self::Bars => "bargauge",
            Self::Table => "table",
            Self::Heat => "heatmap",
            Self::States => "state-timeline",
        }
    }

    /// The kind of this name.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// Whether it is about one moment, so that its queries are asked once.
    pub const fn is_of_a_moment(self) -> bool {
        match self {
            Self::Bars | Self::Table => true,
            Self::Series | Self::Stat | Self::Heat | Self::States => false,
        }
    }
}

/// How lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Each for itself.
    Lines,
    /// One on the other: parts of a whole.
    Stacked,
    /// Columns one on the other: things that happen now and then.
    Columns,
}

/// From this value on, this colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) from: f64,
    pub(super) color: &'static str,
}

/// A word for a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) value: i32,
    pub(super) text: &'static str,
    pub(super) color: &'static str,
}

/// 1 while something is as it should be.
pub(super) const UP_OR_DOWN: &[Word] = &[
    Word {
        value: 0,
        text: "no",
        color: "red",
    },
    Word {
        value: 1,
        text: "yes",
        color: "green",
    },
];

/// A column of a table: the value of one query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    pub(super) steps: &'static [Step],
}

/// A panel.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) kind: Kind,
    pub(super) title: String,
    pub(super) unit: Unit,
    pub(super) description: String,
    pub(super) asks: Vec<Ask>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) style: Style,
    pub(super) steps: &'static [Step],
    pub(super) words: &'static [Word],
    /// Labels that become columns, with the names of those columns.
    pub(super) keys: &'static [(&'static str, &'static str)],
    pub(super) columns: Vec<Column>,
    pub(super) top: Option<f64>,
    /// Whether values below 0 have a meaning.
    pub(super) below_zero: bool,
    /// Where a click on a series or a row leads.
    pub(super) link: Option<Link>,
}

/// Where a click leads: to the dashboard of one server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Link {
    /// To the server of a series with the labels of proxies.
    Series,
    /// To the server of a series with the controller's labels.
    State,
    /// To the server of a series that a rule records.
    Recorded,
    /// To the server of a row.
    Row,
}

fn new(kind: Kind, title: impl Into<String>, unit: Unit, description: impl Into<String>) -> Panel {
    Panel {
        kind,
        title: title.into(),
        unit,
        description: description.into(),
        asks: Vec::new(),
        width: 8,
        height: 8,
        style: Style::Lines,
        steps: &[],
        words: &[],
        keys: &[],
        columns: Vec::new(),
        top: None,
        below_zero: false,
        link: None,
    }
}

/// Lines over time.
pub(super) fn series(
    title: impl Into<String>,
    unit: Unit,
    description: impl Into<String>,
) -> Panel {
    new(Kind::Series, title, unit, description)
}

/// One number.
pub(super) fn stat(title: impl Into<String>, unit: Unit, description: impl Into<String>) -> Panel {
    new(Kind::Stat, title, unit, description).size(4, 4)
}

/// Bars, the longest first.
pub(super) fn bars(title: impl Into<String>, unit: Unit, description: impl Into<String>) -> Panel {
    new(Kind::Bars, title, unit, description)
}

/// A histogram of seconds over time.
pub(super) fn heat(title: impl Into<String>, description: impl Into<String>) -> Panel {
    new(Kind::Heat, title, Unit::Seconds, description)
}

/// Words over time.
pub(super) fn states(title: impl Into<String>, description: impl Into<String>) -> Panel {
    let panel = new(Kind::States, title, Unit::Word, description);
    Panel {
        words: UP_OR_DOWN,
        ..panel
    }
}

/// Rows and columns, with a row for each set of these labels.
pub(super) fn table(
    title: impl Into<String>,
    keys: &'static [(&'static str, &'static str)],
    description: impl Into<String>,
) -> Panel {
    let panel = new(Kind::Table, title, Unit::Count, description);
    Panel { keys, ..panel }
}

impl Panel {
    /// One more query, and what its series are called.
    pub(super) fn ask(mut self, expr: impl Into<String>, legend: &str) -> Self {
        self.asks.push(Ask {
            expr: expr.into(),
            legend: legend.to_owned(),
        });
        self
    }

    /// One more query, as a column.
    pub(super) fn column(
        mut self,
        name: &'static str,
        unit: Unit,
        expr: String,
        steps: &'static [Step],
    ) -> Self {
        self.columns.push(Column { name, unit, steps });
        self.ask(expr, name)
    }

    /// The three quantiles that say how a time is spread.
    pub(super) fn spread(self, metric: &str) -> Self {
        let quantile = |share| super::ask::quantile(share, metric, "", "");
        self.ask(quantile("0.5"), "p50")
            .ask(quantile("0.9"), "p90")
            .ask(quantile("0.99"), "p99")
    }

    pub(super) const fn below_zero(mut self) -> Self {
        self.below_zero = true;
        self
    }

    pub(super) const fn size(mut self, width: u32, height: u32) -> Self {
        self.width = width;
        self.height = height;
        self
    }

    pub(super) const fn stacked(mut self) -> Self {
        self.style = Style::Stacked;
        self
    }

    pub(super) const fn events(mut self) -> Self {
        self.style = Style::Columns;
        self
    }

    pub(super) const fn steps(mut self, steps: &'static [Step]) -> Self {
        self.steps = steps;
        self
    }

    pub(super) const fn words(mut self, words: &'static [Word]) -> Self {
        self.words = words;
        self
    }

    /// The highest value that there can be.
    pub(super) const fn up_to(mut self, top: f64) -> Self {
        self.top = Some(top);
        self
    }

    pub(super) const fn link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }
}

/// Colours of a number that should be 0.
pub(super) const NONE_IS_GOOD: &[Step] = &[at(0.0, "green"), at(1.0, "red")];
/// Colours of a number that should not be 0.
pub(super) const SOME_IS_GOOD: &[Step] = &[at(0.0, "red"), at(1.0, "green")];
/// Colours of a share that should be small.
pub(super) const FEW_FAILURES: &[Step] = &[at(0.0, "green"), at(0.01, "orange"), at(0.05, "red")];
/// Colours of a time that a person waits.
pub(super) const A_PERSON_WAITS: &[Step] = &[at(0.0, "green"), at(1.0, "orange"), at(5.0, "red")];

pub(super) const fn at(from: f64, color: &'static str) -> Step {
    Step { from, color }
}
