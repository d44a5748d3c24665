//! The scenarios. `make e2e` brings up the cluster and runs all of them.
//!
//! ```text
//!  fetch       the documented manifests, unchanged, with clients that others wrote: a web page,
//!  osv           advisories over SSE and Streamable HTTP,
//!  github        and an account that follows from the token of a Secret
//!  many        twenty clients with the same ids: no answer astray
//!  routes      progress, cancellation, questions: only to the session they belong to
//!  faults      the process, the pod and the proxy die: a good answer after each
//!  attach      the way to the process breaks, or its API server does: nothing lost, nothing twice
//!  policy      permission profiles, as packets
//!  egress      a profile with hosts: the gateway is the only way out, and only to them
//!  bad_spec    wrong manifests and bad servers: the truth within seconds, healed once mended
//!  transports  servers that speak HTTP, and what keeps them from being reached
//!  replicas    several pods: sessions stay with theirs; stopped and scaled by others
//!  secrets     missing ones named, changed ones roll the pod
//!  pods        pod templates merged as Kubernetes does; mounts of a profile
//!  unenforced  no policy engine: found out and said
//!  volumes     in the server's container, read-only where said
//!  trouble     what Kubernetes refuses or ends: memory, quota, nodes
//!  versions    either version of the API; drift; another controller
//!  namespaces  one controller for all or for a list; a namespace that goes
//!  bad_http    wrong requests: the errors that the protocol names
//!  operator    two controllers, one leads; nothing is written while nothing changes
//!  passes      one pass of the controller: trace, log lines and journal name each other
//!  isolation   a pod to itself for each session: fresh, bounded, nobody else's
//!  journal     what happened, how it was, why it is so: by kubectl, for who may; a journal lost
//!  conformance the official suite, both revisions, through pods of either era
//!  telemetry   traces and the audit log, through a collector and on stdout
//!  prometheus  a real one scrapes all of it, by annotations and as its operator would
//!  alerts      each made to fire by its fault, and to end: long, so it begins first
//!  local       no cluster: `hivewright-proxy run`, and the images on a plain engine
//!  afterwards  last of all: what the others have left behind
//! ```
//!
//! Each scenario has a namespace of its own and runs beside the others, except where it says that it
//! needs the cluster alone. A scenario without a cluster fails: nothing is skipped quietly.

mod afterwards;
mod alerts;
mod attach;
mod bad_http;
mod bad_spec;
mod conformance;
mod documented;
mod egress;
mod faults;
mod fetch;
mod github;
mod isolation;
mod journal;
mod law;
mod local;
mod many;
mod namespaces;
mod operator;
mod osv;
mod passes;
mod plugin;
mod pods;
mod policy;
mod prometheus;
mod replicas;
mod routes;
mod secrets;
mod support;
mod telemetry;
mod transports;
mod trouble;
mod unenforced;
mod versions;
mod volumes;
