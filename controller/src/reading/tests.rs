//! The endpoints over a journal, in front of an API server that knows one reader.
