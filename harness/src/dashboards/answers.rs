//! Asks a live Prometheus what a dashboard asks.

use anyhow::Result;

use super::fill::{Chosen, fill};
use super::shape::{Board, Panel, Target};
use crate::prometheus::{Prometheus, Series, Window};

/// What one query of a panel gave.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The query.
    pub target: &'a Target,
    /// As it was asked.
    pub asked: String,
    /// Its series; of a moment, each with one point.
    pub series: Vec<Series>,
}

impl Answer<'_> {
    /// Whether any of it is a number that could be drawn.
    pub fn has_data(&self) -> bool {
        let mut points = self.series.iter().flat_map(|series| &series.points);
        points.any(|point| point.1.is_finite())
    }

    /// Whether all of it is 0 or no number.
    pub fn is_flat(&self) -> bool {
        let mut points = self.series.iter().flat_map(|series| &series.points);
        points.all(|point| point.1 == 0.0 || !point.1.is_finite())
    }
}

/// A panel with what its queries gave.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// In the order of its queries.
    pub answers: Vec<Answer<'a>>,
}

/// Asks everything that a dashboard asks: over the window, or at its end.
///
/// # Errors
/// A query is wrong, with Prometheus' own sentence, or Prometheus does not answer.
pub async fn ask<'a>(
    prometheus: &Prometheus,
    board: &'a Board,
    chosen: &Chosen,
    window: Window,
) -> Result<Vec<Answered<'a>>> {
    let mut all = Vec::new();
    for panel in board.panels() {
        let mut answers = Vec::new();
        for target in &panel.targets {
            answers.push(one(prometheus, target, chosen, window).await?);
        }
        all.push(Answered { panel, answers });
    }
    Ok(all)
}

async fn one<'a>(
    prometheus: &Prometheus,
    target: &'a Target,
    chosen: &Chosen,
    window: Window,
) -> Result<Answer<'a>> {
    let range = window.end - window.start;
    let asked = fill(&target.expr, chosen, range, window.step);
    let series = if target.instant {
        let samples = prometheus.instant(&asked).await?;
        let series = samples.into_iter().map(|sample| Series {
            metric: sample.metric,
            points: vec![sample.point],
        });
        series.collect()
    } else {
        prometheus.range(&asked, window).await?
    };
    Ok(Answer {
        target,
        asked,
        series,
    })
}
