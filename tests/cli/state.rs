//! State from exported ConfigMaps and from a cluster whose API server is faked.

mod fake_api;
mod fake_server;
mod folder;
mod kubeconfig;
mod list;
mod look_up;
mod transport;
