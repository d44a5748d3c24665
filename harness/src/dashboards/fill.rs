//! Variables, and Grafana's own, in the text of a query.

use std::collections::BTreeMap;

/// How far apart scrapes may be, seconds: what Grafana takes a Prometheus for if it is not told.
const SCRAPE: f64 = 15.0;
/// A rate takes four scrapes at least, so that one that fails leaves no gap.
const SCRAPES: f64 = 4.0;

/// Chosen values by variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen(BTreeMap<String, String>);

impl Chosen {
    /// Everything, for every one of these variables.
    pub fn all<'a>(variables: impl IntoIterator<Item = &'a str>) -> Self {
        let all = variables.into_iter();
        Self(all.map(|name| (name.to_owned(), ".*".to_owned())).collect())
    }

    /// One value of a variable.
    #[must_use]
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.0.insert(variable.to_owned(), value.to_owned());
        self
    }

    /// What is chosen, for a reader.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The query as Prometheus gets it, for a time of `range` seconds with a point every `step`.
pub fn fill(expr: &str, chosen: &Chosen, range: f64, step: f64) -> String {
    let window = (step + SCRAPE).max(SCRAPES * SCRAPE);
    let filled = expr
        .replace("$__rate_interval", &seconds(window))
        .replace("$__range", &seconds(range));
    // Longer names first: one may begin with another.
    let mut names: Vec<_> = chosen.0.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    names.into_iter().fold(filled, |text, (name, value)| {
        text.replace(&format!("${name}"), value)
    })
}

fn seconds(time: f64) -> String {
    format!("{time:.0}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_gets_its_values_and_windows() {
        let chosen = Chosen::all(["namespace"]).with("name", "a");
        let query = "rate(x{n=~\"$namespace\",m=\"$name\"}[$__rate_interval]) + y[$__range]";
        let filled = fill(query, &chosen, 3600.0, 10.0);
        assert_eq!(filled, "rate(x{n=~\".*\",m=\"a\"}[60s]) + y[3600s]");
        assert!(fill(query, &chosen, 3600.0, 120.0).contains("[135s]"));
    }
}
