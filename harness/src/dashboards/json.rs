//! A panel as Grafana reads it.

use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::panel::{Kind, Link, Panel, Step, Style, Word};
use super::variable::source;

/// The panel at its place; `chosen` stands for `@` in its queries.
pub(super) fn panel(panel: &Panel, id: usize, place: &Value, chosen: &str) -> Value {
    let mut json = json!({
        "id": id,
        "type": panel.kind.id(),
        "title": panel.title,
        "description": panel.description,
        "datasource": source(),
        "gridPos": place,
        "fieldConfig": { "defaults": defaults(panel), "overrides": overrides(panel) },
        "options": options(panel),
        "targets": targets(panel, chosen),
    });
    if panel.kind == Kind::Table {
        json["transformations"] = transformations(panel);
    }
    json
}

fn targets(panel: &Panel, chosen: &str) -> Vec<Value> {
    let of_a_moment = panel.kind.is_of_a_moment();
    let format = match panel.kind {
        Kind::Table => "table",
        Kind::Heat => "heatmap",
        Kind::Series | Kind::Stat | Kind::Bars | Kind::States => "time_series",
    };
    let target = |(index, ask): (usize, &Ask)| {
        json!({
            "refId": reference(index),
            "datasource": source(),
            "editorMode": "code",
            "expr": ask.expr.replace('@', chosen),
            "legendFormat": ask.legend,
            "format": format,
            "instant": of_a_moment,
            "range": !of_a_moment,
        })
    };
    panel.asks.iter().enumerate().map(target).collect()
}

/// A query's letter.
fn reference(index: usize) -> String {
    let letter = u8::try_from(index).unwrap_or(u8::MAX).saturating_add(b'A');
    char::from(letter).to_string()
}

fn defaults(panel: &Panel) -> Value {
    let mut defaults = Map::new();
    defaults.insert("unit".into(), json!(panel.unit.id()));
    defaults.insert("thresholds".into(), thresholds(panel.steps));
    defaults.insert("mappings".into(), mappings(panel.words));
    defaults.insert("color".into(), json!({ "mode": color(panel) }));
    if let Some(link) = panel.link {
        defaults.insert("links".into(), json!([to_server(link)]));
    }
    if let Some(top) = panel.top {
        defaults.insert("max".into(), json!(top));
    }
    if !panel.below_zero && matches!(panel.kind, Kind::Series | Kind::Stat | Kind::Bars) {
        defaults.insert("min".into(), json!(0));
    }
    defaults.insert("custom".into(), custom(panel));
    Value::Object(defaults)
}

const fn color(panel: &Panel) -> &'static str {
    match panel.kind {
        Kind::Series => "palette-classic",
        Kind::Bars if panel.steps.is_empty() => "palette-classic",
        Kind::Bars | Kind::Stat | Kind::Table | Kind::Heat | Kind::States => "thresholds",
    }
}

/// Steps, the first from everywhere on.
fn thresholds(steps: &[Step]) -> Value {
    let step = |(index, step): (usize, &Step)| {
        let from = if index == 0 {
            Value::Null
        } else {
            json!(step.from)
        };
        json!({ "color": step.color, "value": from })
    };
    let mut steps: Vec<Value> = steps.iter().enumerate().map(step).collect();
    if steps.is_empty() {
        steps.push(json!({ "color": "blue", "value": null }));
    }
    json!({ "mode": "absolute", "steps": steps })
}

fn mappings(words: &[Word]) -> Value {
    if words.is_empty() {
        return json!([]);
    }
    let word = |(index, word): (usize, &Word)| {
        let shown = json!({ "text": word.text, "color": word.color, "index": index });
        (word.value.to_string(), shown)
    };
    let options: Map<String, Value> = words.iter().enumerate().map(word).collect();
    json!([{ "type": "value", "options": options }])
}

fn custom(panel: &Panel) -> Value {
    match panel.kind {
        Kind::Series => {
            let (draw, fill, stack) = match panel.style {
                Style::Lines => ("line", 10, "none"),
                Style::Stacked => ("line", 40, "normal"),
                Style::Columns => ("bars", 80, "normal"),
            };
            let limits = if panel.steps.is_empty() {
                "off"
            } else {
                "dashed"
            };
            json!({
                "drawStyle": draw,
                "fillOpacity": fill,
                "lineWidth": 1,
                "showPoints": "never",
                "spanNulls": false,
                "stacking": { "mode": stack, "group": "A" },
                "thresholdsStyle": { "mode": limits },
            })
        }
        Kind::States => json!({ "fillOpacity": 80, "lineWidth": 0 }),
        Kind::Table => json!({ "align": "auto", "filterable": true }),
        Kind::Heat => json!({ "hideFrom": { "legend": false, "tooltip": false, "viz": false } }),
        Kind::Stat | Kind::Bars => json!({}),
    }
}

fn options(panel: &Panel) -> Value {
    let last = json!({ "calcs": ["lastNotNull"], "fields": "", "values": false });
    match panel.kind {
        Kind::Series => json!({
            "legend": {
                "showLegend": true, "displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"],
                "sortBy": "Max", "sortDesc": true,
            },
            "tooltip": { "mode": "multi", "sort": "desc" },
        }),
        Kind::Stat => json!({
            "reduceOptions": last, "colorMode": "value", "graphMode": "area", "textMode": "auto",
            "justifyMode": "auto", "orientation": "auto",
        }),
        Kind::Bars => json!({
            "reduceOptions": last, "displayMode": "basic", "orientation": "horizontal", "showUnfilled": true,
            "valueMode": "color", "namePlacement": "left",
        }),
        Kind::Table => {
            json!({ "showHeader": true, "cellHeight": "sm", "footer": { "show": false } })
        }
        Kind::Heat => json!({
            "calculate": false,
            "color": { "mode": "scheme", "scheme": "Spectral", "steps": 64, "reverse": false },
            "cellGap": 1,
            "yAxis": { "unit": panel.unit.id(), "axisPlacement": "left" },
            "filterValues": { "le": 1e-9 },
            "rowsFrame": { "layout": "auto" },
            "legend": { "show": true },
            "tooltip": { "mode": "single", "yHistogram": false },
        }),
        Kind::States => json!({
            "mergeValues": true, "showValue": "never", "rowHeight": 0.9, "alignValue": "left",
            "legend": { "showLegend": true, "displayMode": "list", "placement": "bottom" },
            "tooltip": { "mode": "single", "sort": "none" },
        }),
    }
}

/// One row for each set of labels, with the queries' values beside each other.
fn transformations(panel: &Panel) -> Value {
    let mut names: Map<String, Value> = panel
        .keys
        .iter()
        .map(|(label, name)| ((*label).to_owned(), json!(name)))
        .collect();
    let mut order: Map<String, Value> = Map::new();
    for (label, _) in panel.keys {
        order.insert((*label).to_owned(), json!(order.len()));
    }
    for (index, column) in panel.columns.iter().enumerate() {
        let value = format!("Value #{}", reference(index));
        order.insert(value.clone(), json!(order.len()));
        names.insert(value, json!(column.name));
    }
    json!([
        { "id": "merge", "options": {} },
        { "id": "organize", "options": {
            "excludeByName": { "Time": true }, "indexByName": order, "renameByName": names,
        } },
    ])
}

/// Units, colours and links of a table's columns.
fn overrides(panel: &Panel) -> Vec<Value> {
    let columns = panel.columns.iter().map(|column| {
        let mut properties = vec![json!({ "id": "unit", "value": column.unit.id() })];
        if !column.steps.is_empty() {
            properties.push(json!({ "id": "thresholds", "value": thresholds(column.steps) }));
            properties
                .push(json!({ "id": "custom.cellOptions", "value": { "type": "color-text" } }));
        }
        json!({ "matcher": { "id": "byName", "options": column.name }, "properties": properties })
    });
    columns.collect()
}

fn to_server(link: Link) -> Value {
    let (namespace, server) = match link {
        Link::Series => (
            "${__field.labels.namespace}",
            "${__field.labels.hivewright_dev_mcpserver}",
        ),
        Link::State => (
            "${__field.labels.mcpserver_namespace}",
            "${__field.labels.mcpserver}",
        ),
        Link::Recorded => ("${__field.labels.namespace}", "${__field.labels.mcpserver}"),
        Link::Row => ("${__data.fields.Namespace}", "${__data.fields.MCPServer}"),
    };
    json!({
        "title": "This server",
        "url": format!(
            "/d/hivewright-server?var-datasource=${{datasource}}&var-namespace={namespace}&var-mcpserver={server}&${{__url_time_range}}"
        ),
        "targetBlank": false,
    })
}
