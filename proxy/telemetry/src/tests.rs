//! Against a collector on the loopback address.
