//! The real client against a server on loopback: connections, TLS, proxies, credentials.

use std::net::TcpListener;

use super::fake_server::{Kubeconfig, json, list, serve, serve_tls, tls_file};

async fn failure(kubeconfig: &Kubeconfig) -> String {
    kubeconfig.connect().read_state().await.unwrap_err().explain()
}

/// The text without what differs between runs.
fn steady(text: &str, address: std::net::SocketAddr) -> String {
    text.replace(&address.to_string(), "127.0.0.1:PORT")
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_body_is_tried_again() {
    let whole = list();
    let cut = whole[..whole.len() - 30].to_owned();
    let (address, server) = serve(vec![cut, whole]);
    let kubeconfig = Kubeconfig::new(&format!("{{server: 'http://{address}'}}"), "{}");
    let state = kubeconfig.connect().read_state().await.unwrap();
    assert!(state.manifests.contains_key("web"));
    let requests = server.join().unwrap();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].starts_with("GET /api/v1/namespaces/tazuna/configmaps?limit=20 HTTP/1.1"));
}

#[tokio::test]
async fn a_server_below_a_path_is_asked_there() {
    let (address, server) = serve(vec![list()]);
    let cluster = format!("{{server: 'http://{address}/k8s/clusters/c-1/'}}");
    let kubeconfig = Kubeconfig::new(&cluster, "{token: s3cret}");
    let cluster = kubeconfig.connect();
    assert_eq!(cluster.context().server.as_deref(), Some(address.to_string().as_str()));
    cluster.read_state().await.unwrap();
    let request = &server.join().unwrap()[0];
    assert!(request.starts_with("GET /k8s/clusters/c-1/api/v1/namespaces/tazuna/configmaps?"));
    assert!(request.contains("authorization: Bearer s3cret"));
}

#[tokio::test]
async fn a_refused_connection_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let kubeconfig = Kubeconfig::new(&format!("{{server: 'http://{address}'}}"), "{}");
    insta::assert_snapshot!("refused", steady(&failure(&kubeconfig).await, address));
}

#[tokio::test]
async fn an_unknown_host_says_so() {
    // No resolver is asked for a label this long.
    let host = format!("{}.example.com", "a".repeat(64));
    let kubeconfig = Kubeconfig::new(&format!("{{server: 'http://{host}'}}"), "{}");
    insta::assert_snapshot!("unknown_host", failure(&kubeconfig).await.replace(&host, "HOST"));
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_the_kubeconfig_names_it_and_only_then() {
    let (address, server) = serve_tls(vec![list()]);
    let authority = tls_file("ca.pem");
    let cluster = format!(
        "{{server: 'https://{address}', certificate-authority: '{}'}}",
        authority.display()
    );
    let state = Kubeconfig::new(&cluster, "{}").connect().read_state().await.unwrap();
    assert!(state.manifests.contains_key("web"));
    server.join().unwrap();

    // Another authority than the one that signed: the server's certificate itself.
    let (address, server) = serve_tls(vec![list()]);
    let cluster = format!(
        "{{server: 'https://{address}', certificate-authority: '{}'}}",
        tls_file("server.pem").display()
    );
    let text = failure(&Kubeconfig::new(&cluster, "{}")).await;
    insta::assert_snapshot!("untrusted", steady(&text, address));
    assert_eq!(server.join().unwrap(), [""], "nothing is sent to a server that is not trusted");
}

#[tokio::test]
async fn https_proxy_is_used_unless_no_proxy_names_the_host() {
    let refusal = || vec!["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".to_owned()];
    let cluster = |server: &str| {
        let authority = tls_file("ca.pem");
        format!("{{server: '{server}', certificate-authority: '{}'}}", authority.display())
    };
    let _ = rustls::crypto::ring::default_provider().install_default();

    let (address, server) = serve(refusal());
    let mut kubeconfig = Kubeconfig::new(&cluster("https://api.example.com:6443"), "{}");
    kubeconfig.environment.https_proxy = Some(format!("http://me:pa%40ss@{address}"));
    // kube itself would hold this against the proxy's host, not the API server's.
    kubeconfig.environment.no_proxy = Some("127.0.0.1,".to_owned());
    insta::assert_snapshot!("proxy", failure(&kubeconfig).await);
    let request = &server.join().unwrap()[0];
    assert!(request.starts_with("CONNECT api.example.com:6443 HTTP/1.1"), "{request}");
    assert!(request.to_lowercase().contains("proxy-authorization: basic bwu6cgfac3m="));

    let (address, server) = serve_tls(vec![list()]);
    let mut kubeconfig = Kubeconfig::new(&cluster(&format!("https://{address}")), "{}");
    kubeconfig.environment.https_proxy = Some("http://proxy.invalid:3128".to_owned());
    kubeconfig.environment.no_proxy = Some("127.0.0.0/8".to_owned());
    kubeconfig.connect().read_state().await.unwrap();
    server.join().unwrap();
}

#[tokio::test]
async fn a_credential_plugin_is_run_when_the_cluster_is_asked_and_not_before() {
    let (address, server) = serve(vec![list()]);
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("ran");
    let credential = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin"}}"#;
    let script = format!("touch {} && echo '{credential}'", mark.display());
    let user = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, {}]}}}}",
        serde_json::to_string(&script).unwrap()
    );
    let cluster = Kubeconfig::new(&format!("{{server: 'http://{address}'}}"), &user).connect();
    assert!(!mark.exists());
    cluster.read_state().await.unwrap();
    assert!(mark.exists());
    assert!(server.join().unwrap()[0].contains("authorization: Bearer from-plugin"));
}

#[tokio::test]
async fn a_credential_plugin_that_fails_is_named_and_its_output_kept_back() {
    let plugin = |exec: &str| {
        let api = "apiVersion: client.authentication.k8s.io/v1";
        Kubeconfig::new("{server: 'http://127.0.0.1:1'}", &format!("{{exec: {{{api}, {exec}}}}}"))
    };
    let missing = plugin("command: no-such-plugin, installHint: 'run `brew install it`'");
    insta::assert_snapshot!("plugin_missing", failure(&missing).await);

    let failing = plugin(
        "command: sh, args: [-c, 'echo t0ken; echo one >&2; echo \"session expired\" >&2; exit 3'], \
         env: [{name: KEY, value: t0ken}]",
    );
    let text = failure(&failing).await;
    assert!(!text.contains("t0ken"), "{text}");
    insta::assert_snapshot!("plugin_failing", text);

    let text = failure(&plugin("command: echo, args: ['t0ken: [']")).await;
    assert!(!text.contains("t0ken"), "{text}");
    insta::assert_snapshot!("plugin_babbling", text);
}

#[tokio::test]
async fn a_token_file_that_is_gone_is_named() {
    let kubeconfig =
        Kubeconfig::new("{server: 'http://127.0.0.1:1'}", "{tokenFile: /no/such/token}");
    insta::assert_snapshot!("token_file", failure(&kubeconfig).await);
}

#[tokio::test]
async fn a_slow_answer_in_pieces_is_read_whole() {
    let body = list();
    let chunked = body.split_once("\r\n\r\n").unwrap().1;
    let pieces: String = chunked
        .as_bytes()
        .chunks(7)
        .map(|piece| format!("{:x}\r\n{}\r\n", piece.len(), String::from_utf8_lossy(piece)))
        .collect();
    let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{pieces}0\r\n\r\n");
    let (address, server) = serve(vec![answer]);
    let kubeconfig = Kubeconfig::new(&format!("{{server: 'http://{address}'}}"), "{}");
    assert_eq!(kubeconfig.connect().read_state().await.unwrap().manifests.len(), 1);
    server.join().unwrap();
}

#[tokio::test]
async fn an_empty_list_asks_for_the_namespace_over_the_same_credentials() {
    let empty = json(200, r#"{"metadata":{},"items":[]}"#);
    let status = r#"{"kind":"Status","message":"namespaces \"tazuna\" not found"}"#;
    let (address, server) = serve(vec![empty, json(404, status)]);
    let kubeconfig = Kubeconfig::new(&format!("{{server: 'http://{address}'}}"), "{token: s3cret}");
    let state = kubeconfig.connect().read_state().await.unwrap();
    assert_eq!(state.warnings[0].code, "no-namespace");
    let requests = server.join().unwrap();
    assert!(requests[1].starts_with("GET /api/v1/namespaces/tazuna HTTP/1.1"));
    assert!(requests.iter().all(|request| request.contains("authorization: Bearer s3cret")));
}
