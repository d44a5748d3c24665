//! A whole dashboard: rows of panels, laid out on Grafana's 24 columns.

use serde_json::{Value, json};

use super::json;
use super::panel::Panel;
use super::variable::Variable;

/// Grafana's grid has so many columns.
const COLUMNS: u32 = 24;
/// The version of Grafana's dashboard schema that is written; Grafana 10 and newer read it.
pub(super) const SCHEMA_VERSION: u32 = 39;
/// What all of ours are found by.
pub(super) const TAG: &str = "hivewright";

/// A headline and what is under it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) panels: Vec<Panel>,
}

/// A row.
pub(super) fn row(title: &'static str, panels: impl IntoIterator<Item = Panel>) -> Row {
    Row {
        title,
        panels: panels.into_iter().collect(),
    }
}

/// A dashboard.
#[derive(Clone, Debug)]
pub(super) struct Board {
    /// Its file's name, and the end of its id.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// How far back it looks at first.
    pub(super) from: &'static str,
    pub(super) variables: &'static [Variable],
    /// What stands for `@` in its queries.
    pub(super) chosen: &'static str,
    pub(super) rows: Vec<Row>,
}

impl Board {
    /// As Grafana reads it.
    pub(super) fn json(&self) -> Value {
        json!({
            "uid": format!("{TAG}-{}", self.name),
            "title": format!("Hivewright / {}", self.title),
            "description": self.description,
            "tags": [TAG, "mcp"],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": true,
            "graphTooltip": 1,
            "refresh": "30s",
            "timezone": "browser",
            "time": { "from": self.from, "to": "now" },
            "templating": { "list": self.variables.iter().map(Variable::json).collect::<Vec<_>>() },
            "annotations": { "list": [] },
            "links": [to_the_others()],
            "panels": self.panels(),
        })
    }

    fn panels(&self) -> Vec<Value> {
        let mut laid = Laid::default();
        for row in &self.rows {
            laid.headline(row.title);
            for panel in &row.panels {
                let (id, place) = laid.place(panel.width, panel.height);
                laid.panels
                    .push(json::panel(panel, id, &place, self.chosen));
            }
        }
        laid.panels
    }
}

/// Where the next panel goes.
#[derive(Debug, Default)]
struct Laid {
    panels: Vec<Value>,
    x: u32,
    y: u32,
    /// The height of the line that is being filled.
    height: u32,
}

impl Laid {
    fn headline(&mut self, title: &str) {
        self.line();
        let (id, place) = self.place(COLUMNS, 1);
        self.panels.push(json!({
            "id": id, "type": "row", "title": title, "gridPos": place, "collapsed": false, "panels": [],
        }));
    }

    fn place(&mut self, width: u32, height: u32) -> (usize, Value) {
        if self.x + width > COLUMNS {
            self.line();
        }
        let place = json!({ "x": self.x, "y": self.y, "w": width, "h": height });
        self.x += width;
        self.height = self.height.max(height);
        (self.panels.len() + 1, place)
    }

    fn line(&mut self) {
        self.y += self.height;
        (self.x, self.height) = (0, 0);
    }
}

/// A menu of all dashboards of ours, which keeps the time and what is chosen.
fn to_the_others() -> Value {
    json!({
        "type": "dashboards",
        "title": "Hivewright",
        "tags": [TAG],
        "asDropdown": true,
        "includeVars": true,
        "keepTime": true,
        "targetBlank": false,
        "icon": "external link",
        "tooltip": "The other dashboards of Hivewright, at the same time",
        "url": "",
    })
}
