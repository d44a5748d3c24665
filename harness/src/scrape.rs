//! Reads Prometheus metrics in the text format and answers questions about them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{ACCEPT, CONTENT_TYPE};

/// One line of a scrape.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Name of the metric.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

/// All samples of one scrape.
#[derive(Clone, Debug, Default)]
pub struct Scrape(pub Vec<Sample>);

/// What is said to a scraper that accepts `accept`: the content type and the text.
///
/// # Errors
/// No answer, another status than 200, or no content type.
pub async fn said(url: &str, accept: &str) -> Result<(String, String)> {
    let client = reqwest::Client::new();
    let answer = client.get(url).header(ACCEPT, accept).send().await?;
    ensure!(answer.status().is_success(), "{url}: {}", answer.status());
    let kind = answer.headers().get(CONTENT_TYPE);
    let kind = kind.with_context(|| format!("{url} names no content type"))?;
    let kind = kind.to_str()?.to_owned();
    Ok((kind, answer.text().await?))
}

impl Scrape {
    /// Gets and reads `url`.
    ///
    /// # Errors
    /// No answer, another status than 200, or a line that is not the text format.
    pub async fn get(url: &str) -> Result<Self> {
        let (_, text) = said(url, "text/plain;version=0.0.4").await?;
        Self::parse(&text)
    }

    /// Reads the text format; comments, time stamps and exemplars are skipped.
    ///
    /// # Errors
    /// A line that is not the text format.
    pub fn parse(text: &str) -> Result<Self> {
        text.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| sample(line).with_context(|| format!("not a sample: {line}")))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The sum of every sample of `name` that has all these labels; 0 if there is none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.matching(name, labels).map(|sample| sample.value).sum()
    }

    /// Whether any sample of `name` has all these labels.
    pub fn has(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.matching(name, labels).next().is_some()
    }

    /// The names of all metrics, sorted, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|sample| sample.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn matching<'a>(
        &'a self,
        name: &'a str,
        labels: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a Sample> {
        self.0.iter().filter(move |sample| {
            sample.name == name
                && labels
                    .iter()
                    .all(|(key, value)| sample.labels.get(*key).is_some_and(|v| v == value))
        })
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (name, labels, rest) = if let Some((name, rest)) = line.split_once('{') {
        let (labels, rest) = labels(rest)?;
        (name, labels, rest)
    } else {
        let (name, rest) = line.split_once(' ')?;
        (name, BTreeMap::new(), rest)
    };
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

/// Reads `key="value",...}` and gives what follows.
fn labels(mut text: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        text = text.trim_start_matches([',', ' ']);
        if let Some(rest) = text.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (key, rest) = text.split_once("=\"")?;
        let (value, rest) = quoted(rest)?;
        labels.insert(key.to_owned(), value);
        text = rest;
    }
}

/// Reads up to the closing quote, undoing the three escapes of the format.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                escaped => value.push(escaped),
            },
            plain => value.push(plain),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# HELP calls Calls.
# TYPE calls counter
calls{method="tools/call",outcome="ok"} 7
calls{method="tools/call",outcome="error"} 2
calls{method="ping",outcome="ok"} 1 1700000000
odd{text="a \"quoted\", {braced}\nline"} +Inf
up 1
"#;

    #[test]
    fn samples_are_summed_by_their_labels() {
        let scrape = Scrape::parse(TEXT).unwrap();
        let sum = |labels: &[(&str, &str)]| scrape.sum("calls", labels);
        assert!((sum(&[]) - 10.0).abs() < f64::EPSILON);
        assert!((sum(&[("method", "tools/call")]) - 9.0).abs() < f64::EPSILON);
        assert!((sum(&[("method", "none")])).abs() < f64::EPSILON);
        assert_eq!(scrape.names(), ["calls", "odd", "up"]);
    }

    #[test]
    fn escapes_in_label_values_are_undone() {
        let scrape = Scrape::parse(TEXT).unwrap();
        assert!(scrape.has("odd", &[("text", "a \"quoted\", {braced}\nline")]));
    }

    #[test]
    fn what_is_not_the_format_is_an_error() {
        for bad in ["calls", "calls{a=\"b} 1", "calls{a=\"b\"} x"] {
            assert!(Scrape::parse(bad).is_err(), "{bad}");
        }
    }
}
