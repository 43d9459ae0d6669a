//! The way to GitHub: headers, GitHub App, Enterprise Server, proxy, wrong settings.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tazuna_drift::{
    domain::DiffType::Added,
    publish::github::{
        ClientSettings, Credentials, GithubClient, IssueAction, Proxies, SecretString,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, header_regex, method, path},
};

use super::stage::{FLAGS, Stage, client_settings, drift};

/// A key of nobody's: it signs for an App that does not exist.
const KEY: &str = include_str!("test-app.pem");

#[tokio::test]
async fn requests_say_who_asks_and_carry_the_token() {
    let mut stage = Stage::new().await;
    stage.run(&drift(&[])).await;
    let headers = stage.github.world().headers.clone();
    assert_eq!(headers["authorization"], "Bearer t-secret");
    assert_eq!(headers["accept"], "application/vnd.github+json");
    assert_eq!(headers["x-github-api-version"], "2022-11-28");
    assert!(headers["user-agent"].starts_with("tazuna-drift/"));
}

#[tokio::test]
async fn a_github_app_finds_its_installation_by_the_repository() {
    let mut stage = Stage::new().await;
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/repos/acme/infra/installation"))
        .and(header_regex("authorization", "^Bearer ey"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({ "id": 7, "app_slug": "drifter" })),
        )
        .expect(1)
        .mount(&server)
        .await;
    let token =
        json!({ "token": "ghs_x", "permissions": {}, "expires_at": "2999-01-01T00:00:00Z" });
    Mock::given(method("POST"))
        .and(path("/app/installations/7/access_tokens"))
        .respond_with(ResponseTemplate::new(201).set_body_json(token))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(header("authorization", "Bearer ghs_x"))
        .respond_with(stage.github.clone())
        .mount(&server)
        .await;
    let mut settings = client_settings(&server.uri());
    settings.credentials = Credentials::App { id: 12, private_key: SecretString::from(KEY) };
    stage.client = GithubClient::connect(&settings, &stage.settings.repository).await.unwrap();
    assert_eq!(stage.act(&drift(&[(FLAGS, Added)])).await, IssueAction::Created);
    let asked = stage.github.world().asked.clone();
    assert!(asked[2].contains("creator=drifter%5Bbot%5D"), "{asked:?}");
}

#[tokio::test]
async fn an_app_that_is_not_installed_says_so() {
    let server = MockServer::start().await;
    let repository = "acme/infra".parse().unwrap();
    let mut settings = client_settings(&server.uri());
    settings.credentials = Credentials::App { id: 12, private_key: SecretString::from(KEY) };
    let error = GithubClient::connect(&settings, &repository).await.err().unwrap();
    assert!(error.explain().contains("install the GitHub App"), "{}", error.explain());
    settings.credentials = Credentials::App { id: 12, private_key: SecretString::from("no key") };
    let error = GithubClient::connect(&settings, &repository).await.err().unwrap();
    assert!(error.explain().contains("private key cannot be read"), "{}", error.explain());
    assert!(!error.explain().contains("no key"));
}

/// A proxy that leads every tunnel to `target` and remembers what was asked.
async fn proxy(target: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://user:pass@{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let remember = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(from.read_u8().await.unwrap());
            }
            remember.lock().unwrap().push(String::from_utf8(head).unwrap());
            let mut to = TcpStream::connect(&target).await.unwrap();
            from.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut from, &mut to).await });
        }
    });
    (address, asked)
}

#[tokio::test]
async fn a_proxy_is_used_and_no_proxy_is_respected() {
    let mut stage = Stage::new().await;
    let (address, asked) = proxy(stage.server.address().to_string()).await;
    let mut settings = client_settings("http://github.invalid:8080");
    settings.proxies = Proxies { http: Some(address.clone()), ..Proxies::default() };
    stage.client = GithubClient::connect(&settings, &stage.settings.repository).await.unwrap();
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Nothing);
    let head = asked.lock().unwrap().pop().unwrap();
    assert!(head.starts_with("CONNECT github.invalid:8080 HTTP/1.1"), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic dXNlcjpwYXNz"), "{head}");
    assert!(!head.contains("t-secret"), "{head}");

    let mut settings = client_settings(&stage.server.uri());
    let none = Some("127.0.0.1".to_owned());
    settings.proxies = Proxies { http: Some(address), none, ..Proxies::default() };
    stage.client = GithubClient::connect(&settings, &stage.settings.repository).await.unwrap();
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Nothing);
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_reset_is_tried_again() {
    let mut stage = Stage::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let target = stage.server.address().to_string();
    tokio::spawn(async move {
        for number in 0.. {
            let (mut from, _) = listener.accept().await.unwrap();
            if number == 0 {
                // It reads a little and hangs up.
                let _ = from.read_u8().await;
                continue;
            }
            let mut to = TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut from, &mut to).await });
        }
    });
    let settings = client_settings(&address);
    stage.client = GithubClient::connect(&settings, &stage.settings.repository).await.unwrap();
    assert_eq!(stage.act(&drift(&[])).await, IssueAction::Nothing);
}

#[tokio::test]
async fn nobody_there_names_proxy_and_certificates() {
    let mut stage = Stage::new().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let settings = client_settings(&format!("http://{free}"));
    stage.client = GithubClient::connect(&settings, &stage.settings.repository).await.unwrap();
    let text = stage.try_run(&drift(&[])).await.unwrap_err().explain();
    assert!(text.contains("cannot be reached"), "{text}");
    assert!(text.contains("HTTPS_PROXY") && text.contains("SSL_CERT_FILE"), "{text}");
}

#[tokio::test]
async fn wrong_settings_are_usage_errors_that_repeat_no_secret() {
    let repository = "acme/infra".parse().unwrap();
    for (api_url, token) in [
        ("not an address s3cret", "t"),
        ("ftp://s3cret@github.com", "t"),
        ("https://api.github.com", "s3cret\nx"),
        ("https://api.github.com", ""),
    ] {
        let mut settings = ClientSettings::new(Credentials::Token(SecretString::from(token)));
        settings.api_url = api_url.to_owned();
        let error = GithubClient::connect(&settings, &repository).await.err().unwrap();
        assert!(!error.explain().contains("s3cret"), "{}", error.explain());
        assert!(error.explain().contains("hint: "));
    }
    let mut settings = ClientSettings::new(Credentials::Token(SecretString::from("t")));
    settings.ca_file = Some("none/such.pem".into());
    let error = GithubClient::connect(&settings, &repository).await.err().unwrap();
    assert!(error.explain().contains("SSL_CERT_FILE"), "{}", error.explain());
}
