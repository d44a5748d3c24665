//! The controller as a whole: against an API server in this process, and against its charts.

mod charts;
mod dashboards;
mod election;
mod metrics;
mod rights;
mod road;
mod support;
