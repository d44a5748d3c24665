//! The controller as a whole: against an API server in this process, and against its charts.
//!
//! The modules are marked as tests, so that lints see their helpers as what they are.

#[cfg(test)]
mod around;
#[cfg(test)]
mod charts;
#[cfg(test)]
mod dashboards;
#[cfg(test)]
mod drift;
#[cfg(test)]
mod election;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod namespaces;
#[cfg(test)]
mod page;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod road;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod support;
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod thrift;
