//! What is asked when all the other scenarios are over: of everything that they have left behind.
//!
//! `make e2e` runs these last and alone; by hand, run the others first.

mod dashboards;
mod journal;
