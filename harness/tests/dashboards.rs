//! The dashboards as they are shipped: what Grafana needs of them, and what a reader does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hivewright_harness::dashboards::{Kind, files, unit::Unit};
use serde_json::{Value, json};

/// The schema that Grafana 10 and all newer ones read.
const SCHEMA: u32 = 39;

fn shipped() -> Vec<(String, Value)> {
    let read = |(name, text): (String, String)| {
        let json = serde_json::from_str(&text).expect("it is JSON");
        (name, json)
    };
    files().into_iter().map(read).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Everything but headlines.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(&dashboard["panels"])
        .iter()
        .filter(|panel| panel["type"] != "row")
}

fn variables(dashboard: &Value) -> Vec<&str> {
    let list = list(&dashboard["templating"]["list"]).iter();
    list.map(|variable| text(&variable["name"])).collect()
}

/// The names after `$` in a text, Grafana's own left out.
fn used(text: &str) -> BTreeSet<&str> {
    let names = text.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start_matches('{');
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        rest.split(|c| !word(c)).next().unwrap_or_default()
    });
    names.filter(|name| !name.starts_with("__")).collect()
}

#[test]
fn the_chart_has_what_is_described_here_and_nothing_else() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut described = BTreeSet::new();
    for (name, text) in files() {
        let kept = fs::read_to_string(root.join("dashboards").join(&name)).unwrap_or_default();
        assert!(kept == text, "{name} is out of date; run `make docs`");
        described.insert(name);
    }
    for folder in ["dashboards", "charts/hivewright/dashboards"] {
        let entries = fs::read_dir(root.join(folder)).expect("it is there");
        let names = entries.map(|entry| entry.expect("readable").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let kept: BTreeSet<String> = names
            .filter(|name| Path::new(name).extension() == Some("json".as_ref()))
            .collect();
        assert_eq!(kept, described, "{folder}");
    }
}

#[test]
fn each_is_a_dashboard_that_grafana_reads_and_is_found_among_its_kin() {
    let mut ids = BTreeSet::new();
    for (name, board) in shipped() {
        assert_eq!(board["schemaVersion"], SCHEMA, "{name}");
        assert!(text(&board["title"]).starts_with("Hivewright / "), "{name}");
        assert!(text(&board["description"]).ends_with('.'), "{name}");
        let id = text(&board["uid"]).to_owned();
        assert_eq!(format!("{id}.json"), format!("hivewright-{name}"));
        // Grafana cuts longer ones.
        assert!(id.len() <= 40, "{id}");
        assert!(ids.insert(id), "{name} has the id of another");
        assert_eq!(board["tags"][0], "hivewright", "{name}");
        let link = &board["links"][0];
        assert_eq!(
            (&link["type"], &link["tags"]),
            (&json!("dashboards"), &json!(["hivewright"]))
        );
        assert_eq!(
            (&link["keepTime"], &link["includeVars"]),
            (&json!(true), &json!(true))
        );
    }
}

#[test]
fn variables_are_explained_begin_with_the_data_source_and_are_used() {
    for (name, board) in shipped() {
        let list = list(&board["templating"]["list"]);
        assert_eq!(list[0]["name"], "datasource", "{name}");
        assert_eq!(list[0]["query"], "prometheus", "{name}");
        for variable in list {
            assert!(!text(&variable["label"]).is_empty(), "{name}");
            assert!(text(&variable["description"]).ends_with('.'), "{name}");
        }
        let known: BTreeSet<&str> = variables(&board).into_iter().collect();
        let all = board.to_string();
        assert_eq!(used(&all), known, "{name}: used, and known");
    }
}

#[test]
fn panels_have_ids_titles_and_places_of_their_own() {
    for (name, board) in shipped() {
        let (mut ids, mut titles, mut taken) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for panel in list(&board["panels"]) {
            let title = text(&panel["title"]);
            assert!(ids.insert(panel["id"].as_u64()), "{name}: id of {title}");
            let place = |side: &str| panel["gridPos"][side].as_u64().expect("a whole number");
            assert!(
                place("x") + place("w") <= 24,
                "{name}: {title} leaves the grid"
            );
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    assert!(taken.insert((x, y)), "{name}: {title} lies on another");
                }
            }
            let headline = panel["type"] == "row";
            assert!(headline || titles.insert(title), "{name}: two are {title}");
        }
    }
}

#[test]
fn every_panel_says_what_it_shows_in_a_unit_and_of_the_chosen_source() {
    let source = json!({ "type": "prometheus", "uid": "${datasource}" });
    for (name, board) in shipped() {
        for panel in panels(&board) {
            let title = text(&panel["title"]);
            assert!(
                Kind::parse(text(&panel["type"])).is_some(),
                "{name}: {title}"
            );
            assert!(
                text(&panel["description"]).ends_with('.'),
                "{name}: {title}"
            );
            let unit = text(&panel["fieldConfig"]["defaults"]["unit"]);
            assert!(Unit::parse(unit).is_some(), "{name}: {title}: {unit}");
            let targets = list(&panel["targets"]);
            assert!(!targets.is_empty(), "{name}: {title} asks nothing");
            let refs: BTreeSet<&str> = targets.iter().map(|one| text(&one["refId"])).collect();
            assert_eq!(refs.len(), targets.len(), "{name}: {title}");
            for of in std::iter::once(panel).chain(targets) {
                assert_eq!(of["datasource"], source, "{name}: {title}");
            }
        }
    }
}

#[test]
fn each_kind_of_panel_asks_in_its_own_form() {
    for (name, board) in shipped() {
        for panel in panels(&board) {
            let title = text(&panel["title"]);
            let kind = Kind::parse(text(&panel["type"])).expect("a known kind");
            for target in list(&panel["targets"]) {
                let format = match kind {
                    Kind::Table => "table",
                    Kind::Heat => "heatmap",
                    Kind::Series | Kind::Stat | Kind::Bars | Kind::States => "time_series",
                };
                assert_eq!(target["format"], format, "{name}: {title}");
                assert_eq!(target["instant"], kind.is_of_a_moment(), "{name}: {title}");
                let buckets = text(&target["legendFormat"]) == "{{le}}";
                assert_eq!(buckets, kind == Kind::Heat, "{name}: {title}");
                let over_all = text(&target["expr"]).contains("$__range]");
                let moment = kind.is_of_a_moment() || kind == Kind::Stat;
                assert!(
                    moment || !over_all,
                    "{name}: {title} draws a line of the whole time"
                );
            }
        }
    }
}

#[test]
fn thresholds_rise_from_everywhere() {
    for (name, board) in shipped() {
        for panel in panels(&board) {
            let title = text(&panel["title"]);
            let steps = list(&panel["fieldConfig"]["defaults"]["thresholds"]["steps"]);
            assert_eq!(steps[0]["value"], Value::Null, "{name}: {title}");
            let later = steps[1..].iter().map(|step| step["value"].as_f64());
            let later: Vec<f64> = later.map(|value| value.expect("a number")).collect();
            assert!(later.is_sorted(), "{name}: {title}: {later:?}");
        }
    }
}

#[test]
fn links_lead_to_dashboards_of_ours_with_variables_that_they_have() {
    let boards = shipped();
    let mut followed = 0;
    for (name, board) in &boards {
        for panel in panels(board) {
            let links = panel["fieldConfig"]["defaults"]["links"].as_array();
            for url in links.into_iter().flatten().map(|link| text(&link["url"])) {
                let (path, asked) = url.split_once('?').expect("variables");
                let uid = path.strip_prefix("/d/").expect("a dashboard");
                let target = boards.iter().find(|(_, board)| board["uid"] == uid);
                let (_, target) = target.unwrap_or_else(|| panic!("{name}: {url}"));
                let given = asked
                    .split('&')
                    .filter_map(|pair| pair.strip_prefix("var-"));
                let given: Vec<&str> = given
                    .filter_map(|pair| Some(pair.split_once('=')?.0))
                    .collect();
                assert_eq!(given, variables(target), "{name}: {url}");
                assert!(url.ends_with("&${__url_time_range}"), "{name}: {url}");
                followed += 1;
            }
        }
    }
    assert!(followed > 5, "only {followed} links were found");
}
