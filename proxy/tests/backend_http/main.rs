//! The proxy as the client of servers that speak HTTP: real sockets on loopback, servers that behave
//! and servers that do not.

mod modern;
mod reaching;
mod sdk;
mod sse;
mod streamable;
mod streams;
mod support;
mod trouble;
