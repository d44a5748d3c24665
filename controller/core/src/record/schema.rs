//! The JSON Schemas of the events: one for each thing, of the whole CloudEvent.
