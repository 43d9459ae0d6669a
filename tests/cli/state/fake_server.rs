//! An API server on loopback that speaks bytes, for what a fake at the transport cannot
//! show: cut connections, TLS, proxies, credentials.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tazuna_drift::state::cluster::{Cluster, ClusterOptions, Environment};

/// Answers one connection after the other with these bytes and closes each; gives the
/// heads of the requests it got.
pub(super) fn serve(answers: Vec<String>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        answers.iter().map(|answer| exchange(&mut listener.accept().unwrap().0, answer)).collect()
    });
    (address, server)
}

/// The same over TLS, with the certificate of tests/cases/state/tls. A client that does
/// not trust it leaves an empty head.
pub(super) fn serve_tls(answers: Vec<String>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = vec![CertificateDer::from_pem_file(tls_file("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(tls_file("server.key")).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for answer in &answers {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, listener.accept().unwrap().0);
            heads.push(exchange(&mut stream, answer));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        heads
    });
    (address, server)
}

pub(super) fn tls_file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/state/tls").join(name)
}

fn exchange(stream: &mut (impl Read + Write), answer: &str) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    let _ = stream.write_all(answer.as_bytes());
    let _ = stream.flush();
    String::from_utf8(head).unwrap()
}

/// A whole response with a JSON body.
pub(super) fn json(code: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {code} Word\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

/// A LIST with State of the Manifest `web`.
pub(super) fn list() -> String {
    json(200, r#"{"metadata":{},"items":[{"metadata":{"name":"tazuna-state-web"},"data":{}}]}"#)
}

/// A kubeconfig in a folder of its own, with one context `prod`; `cluster` and `user` are
/// the YAML of those entries, in flow style.
pub(super) struct Kubeconfig {
    _folder: tempfile::TempDir,
    pub(super) environment: Environment,
}

impl Kubeconfig {
    pub(super) fn new(cluster: &str, user: &str) -> Self {
        Self::of_text(&format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: prod\n\
             contexts: [{{name: prod, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {cluster}}}]\n\
             users: [{{name: u, user: {user}}}]\n"
        ))
    }

    pub(super) fn of_text(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, text).unwrap();
        let environment =
            Environment { kubeconfig: Some(path.into_os_string()), ..Environment::default() };
        Self { _folder: folder, environment }
    }

    pub(super) fn connect(&self) -> Cluster {
        Cluster::connect_in(&ClusterOptions::default(), &self.environment).unwrap()
    }
}
