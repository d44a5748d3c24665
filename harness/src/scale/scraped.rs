//! What a scrape of the controller's `/metrics` costs: its size, its samples, its time.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::Scraped;
use crate::scrape::Scrape;

/// Scrapes, of which the middle one counts: odd, and over in seconds.
const TIMES: usize = 21;
/// What Prometheus asks for first, so that the size is that of the richer format.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

/// Scrapes `url` as Prometheus does, over a connection that stays open.
pub(super) async fn measure(url: &str) -> Result<Scraped> {
    let client = reqwest::Client::new();
    let mut times = Vec::new();
    let mut text = String::new();
    for _ in 0..TIMES {
        let begin = Instant::now();
        let answer = client.get(url).header("accept", ACCEPT).send().await?;
        ensure!(answer.status().is_success(), "{url}: {}", answer.status());
        text = answer.text().await?;
        times.push(begin.elapsed());
    }
    Ok(Scraped {
        bytes: text.len(),
        samples: Scrape::parse(&text)?.0.len(),
        took: middle(times),
    })
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_scrape_does_not_count() {
        let times = [1, 90, 2].map(Duration::from_millis).to_vec();
        assert_eq!(middle(times), Duration::from_millis(2));
    }
}
