//! State from exported ConfigMaps and from a cluster whose API server is faked.
#![allow(clippy::unwrap_used, reason = "what fails in a test's own parts fails the test")]

mod fake_api;
mod fake_server;
mod folder;
mod kubeconfig;
mod kubernetes;
mod list;
mod look_up;
mod transport;
