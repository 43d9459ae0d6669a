//! An API server at the transport: each path has its answers, in order. A request that
//! nobody expected, and an answer that nobody fetched, fail the test.

use std::collections::{BTreeMap, VecDeque};

use http::{Request, Response};
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tazuna_drift::{report::ClusterContext, state::cluster::Cluster};
use tokio::task::JoinHandle;

/// What the API server does with a request.
pub(super) enum Answer {
    /// 200 with this JSON.
    Json(Value),
    /// An error of the API server's own, with its message.
    Refusal(u16, &'static str),
    /// An error with `Retry-After`, in seconds.
    RetryAfter(u16, u64),
    /// Something that is not Kubernetes answers with HTML.
    Html(u16),
    /// The connection is reset.
    Reset,
    /// Nothing, ever.
    Silence,
}

pub(super) struct FakeApi {
    server: JoinHandle<Vec<String>>,
}

/// A cluster whose API server gives these answers.
pub(super) fn cluster<P: Into<String>>(
    answers: impl IntoIterator<Item = (P, Answer)>,
) -> (Cluster, FakeApi) {
    let mut script: BTreeMap<String, VecDeque<Answer>> = BTreeMap::new();
    for (path, answer) in answers {
        script.entry(path.into()).or_default().push_back(answer);
    }
    let (service, handle) = tower_test::mock::pair::<Request<Body>, Response<Body>>();
    let server = tokio::spawn(serve(script, handle));
    let context =
        ClusterContext { name: Some("prod".into()), server: Some("api.example.com:6443".into()) };
    (Cluster::from_client(Client::new(service, "default"), context), FakeApi { server })
}

async fn serve(
    mut script: BTreeMap<String, VecDeque<Answer>>,
    mut handle: tower_test::mock::Handle<Request<Body>, Response<Body>>,
) -> Vec<String> {
    let mut requests = Vec::new();
    let mut kept_silent = Vec::new();
    while let Some((request, reply)) = handle.next_request().await {
        assert_eq!(request.method(), "GET");
        let path = request.uri().path_and_query().unwrap().to_string();
        let answer = script.get_mut(&path).and_then(VecDeque::pop_front);
        let answer = answer.unwrap_or_else(|| panic!("nobody expected GET {path}"));
        requests.push(path);
        match answer {
            Answer::Json(body) => reply.send_response(json_response(200, &body)),
            Answer::Refusal(code, message) => {
                reply.send_response(json_response(code, &status(code, message)));
            }
            Answer::RetryAfter(code, seconds) => {
                let mut response = json_response(code, &status(code, "try again"));
                response.headers_mut().insert("retry-after", seconds.into());
                reply.send_response(response);
            }
            Answer::Html(code) => {
                let body = Body::from(b"<html>corporate portal</html>".to_vec());
                reply.send_response(Response::builder().status(code).body(body).unwrap());
            }
            Answer::Reset => reply.send_error(std::io::Error::other("connection reset by peer")),
            Answer::Silence => kept_silent.push(reply),
        }
    }
    let left: Vec<_> = script.into_iter().filter(|(_, answers)| !answers.is_empty()).collect();
    assert!(
        left.is_empty(),
        "nobody asked for {:?}",
        left.iter().map(|(p, _)| p).collect::<Vec<_>>()
    );
    requests
}

fn json_response(code: u16, body: &Value) -> Response<Body> {
    let body = Body::from(serde_json::to_vec(body).unwrap());
    Response::builder().status(code).body(body).unwrap()
}

fn status(code: u16, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
           "message": message})
}

impl FakeApi {
    /// All requests in order, once the cluster is let go.
    pub(super) async fn requests(self, cluster: Cluster) -> Vec<String> {
        drop(cluster);
        self.server.await.unwrap()
    }
}

/// A page of ConfigMaps and the token of the next one.
pub(super) fn page(config_maps: &[Value], next: Option<&str>) -> Answer {
    Answer::Json(json!({
        "kind": "ConfigMapList", "apiVersion": "v1",
        "metadata": {"resourceVersion": "10", "continue": next.unwrap_or("")},
        "items": config_maps,
    }))
}

/// State of a Manifest with one entry.
pub(super) fn state_of(manifest: &str) -> Value {
    json!({
        "metadata": {"name": format!("tazuna-state-{manifest}"), "namespace": "tazuna"},
        "data": {format!("{manifest}____v1__ConfigMap__ns__a"): r#"{"contentHash":"1"}"#},
    })
}

/// A ConfigMap that is no State.
pub(super) fn foreign() -> Value {
    json!({"metadata": {"name": "kube-root-ca.crt", "namespace": "tazuna"}, "data": {"ca.crt": "x"}})
}
