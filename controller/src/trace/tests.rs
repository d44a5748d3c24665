//! Spans of a pass.
