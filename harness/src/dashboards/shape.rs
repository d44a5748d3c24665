//! A dashboard as it is read back from its JSON: as much of it as asking and drawing take.

use serde::Deserialize;

use super::panel::Kind;
use super::unit::Unit;

/// A dashboard.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Board {
    /// Its id.
    pub uid: String,
    /// What it is called.
    pub title: String,
    /// What it shows.
    pub description: String,
    /// Headlines and panels, in reading order.
    pub panels: Vec<Item>,
    templating: Templating,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Templating {
    list: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Named {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// Whether several values may be chosen.
    #[serde(default)]
    multi: bool,
}

impl Board {
    /// The names of its variables, without the one of the data source.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.labels().map(|one| one.name.as_str())
    }

    /// Whether it is about one thing at a time.
    pub fn is_of_one(&self) -> bool {
        self.labels().any(|one| !one.multi)
    }

    fn labels(&self) -> impl Iterator<Item = &Named> {
        let all = self.templating.list.iter();
        all.filter(|one| one.kind == "query")
    }

    /// Its panels without headlines.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.panels.iter().filter_map(|item| match item {
            Item::Panel(panel) => Some(panel.as_ref()),
            Item::Headline { .. } => None,
        })
    }
}

/// What stands on a dashboard.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "RawPanel")]
pub enum Item {
    /// A headline over what follows.
    Headline {
        /// What it says.
        title: String,
        /// Where it is.
        place: Place,
    },
    /// A panel.
    Panel(Box<Panel>),
}

/// A panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Its headline.
    pub title: String,
    /// What it shows.
    pub description: String,
    /// How it shows it.
    pub kind: Kind,
    /// Where it is.
    pub place: Place,
    /// What its numbers are.
    pub unit: Unit,
    /// The highest value that there can be.
    pub top: Option<f64>,
    /// From which value on which colour.
    pub steps: Vec<Step>,
    /// Words for values.
    pub words: Vec<Word>,
    /// How lines are drawn.
    pub style: Style,
    /// What it asks.
    pub targets: Vec<Target>,
    /// The columns of a table, in their order.
    pub columns: Vec<Column>,
}

/// How lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// One on the other.
    pub stacked: bool,
    /// As columns.
    pub columns: bool,
}

/// Columns and lines of the grid, from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// Columns to the left of it.
    pub x: u32,
    /// Lines above it.
    pub y: u32,
    /// Columns that it takes.
    pub w: u32,
    /// Lines that it takes.
    pub h: u32,
}

/// From this value on, this colour; no value: from everywhere.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Step {
    /// The value.
    pub value: Option<f64>,
    /// Grafana's word for the colour.
    pub color: String,
}

/// A word for a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The value.
    pub value: f64,
    /// The word.
    pub text: String,
    /// Grafana's word for its colour.
    pub color: String,
}

/// A query.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// `PromQL`, with variables.
    pub expr: String,
    /// What a series is called; `{{label}}` stands for a label's value.
    pub legend_format: String,
    /// Whether it is about one moment.
    pub instant: bool,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its headline.
    pub name: String,
    /// Where its cells come from.
    pub from: Cell,
}

/// Where cells come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A label.
    Label(String),
    /// The value of the query with this index.
    Value {
        /// Of the query.
        index: usize,
        /// What the value is.
        unit: Unit,
        /// From which value on which colour.
        steps: Vec<Step>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPanel {
    title: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "type")]
    kind: String,
    grid_pos: Place,
    #[serde(default)]
    field_config: serde_json::Value,
    #[serde(default)]
    targets: Vec<Target>,
    #[serde(default)]
    transformations: serde_json::Value,
}

impl From<RawPanel> for Item {
    fn from(raw: RawPanel) -> Self {
        let Some(kind) = Kind::parse(&raw.kind) else {
            return Self::Headline {
                title: raw.title,
                place: raw.grid_pos,
            };
        };
        let columns = super::columns::read(&raw.transformations, &raw.field_config["overrides"]);
        let defaults = &raw.field_config["defaults"];
        let custom = &defaults["custom"];
        Self::Panel(Box::new(Panel {
            kind,
            place: raw.grid_pos,
            unit: unit(&defaults["unit"]),
            top: defaults["max"].as_f64(),
            steps: steps(&defaults["thresholds"]),
            words: words(&defaults["mappings"]),
            style: Style {
                stacked: custom["stacking"]["mode"] == "normal",
                columns: custom["drawStyle"] == "bars",
            },
            columns,
            title: raw.title,
            description: raw.description,
            targets: raw.targets,
        }))
    }
}

pub(super) fn unit(json: &serde_json::Value) -> Unit {
    let known = json.as_str().and_then(Unit::parse);
    known.unwrap_or(Unit::Count)
}

pub(super) fn steps(thresholds: &serde_json::Value) -> Vec<Step> {
    serde_json::from_value(thresholds["steps"].clone()).unwrap_or_default()
}

fn words(mappings: &serde_json::Value) -> Vec<Word> {
    let options = mappings[0]["options"].as_object().into_iter().flatten();
    let words = options.filter_map(|(value, word)| {
        Some(Word {
            value: value.parse().ok()?,
            text: word["text"].as_str()?.to_owned(),
            color: word["color"].as_str()?.to_owned(),
        })
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boards() -> Vec<Board> {
        let files = super::super::files().into_iter();
        files
            .map(|(_, text)| serde_json::from_str(&text).expect("a dashboard"))
            .collect()
    }

    #[test]
    fn every_panel_that_is_shipped_is_read_back() {
        for board in boards() {
            let headlines = board.panels.len() - board.panels().count();
            assert!(headlines > 1 && headlines < board.panels().count());
            assert!(board.panels().all(|panel| !panel.targets.is_empty()));
        }
    }

    #[test]
    fn a_table_is_read_back_with_its_columns_in_order() {
        let boards = boards();
        let mut panels = boards.iter().flat_map(Board::panels);
        let table = panels.find(|panel| panel.title == "Servers, one by one");
        let columns = &table.expect("it is there").columns;
        assert_eq!(columns[0].from, Cell::Label("namespace".to_owned()));
        assert_eq!(columns[2].name, "Pods that answer");
        let Cell::Value {
            index: 0, steps, ..
        } = &columns[2].from
        else {
            panic!("{:?} is no value of the first query", columns[2])
        };
        assert_eq!(steps[1].color, "green");
    }
}
