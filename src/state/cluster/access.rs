//! Whether these credentials may read State, asked of the API server itself.

use http::{Request, header};
use kube::{Client, client::Body};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::request::{Failure, JSON, REQUEST_TIMEOUT, answer};

/// Asks with a SelfSubjectAccessReview, which every authenticated user may create.
pub(super) async fn may_list_state(client: &Client) -> Result<bool, Failure> {
    #[derive(Deserialize)]
    struct Review {
        status: Status,
    }
    #[derive(Deserialize)]
    struct Status {
        allowed: bool,
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {
            "namespace": "tazuna", "verb": "list", "resource": "configmaps",
        }},
    });
    let request = Request::post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        .header(header::ACCEPT, JSON)
        .header(header::CONTENT_TYPE, JSON)
        .body(Body::from(review.to_string().into_bytes()))
        .map_err(|error| Failure::Broken(error.to_string()))?;
    match timeout(REQUEST_TIMEOUT, answer::<Review>(client, request)).await {
        Ok(review) => Ok(review?.status.allowed),
        Err(_) => Err(Failure::TimedOut),
    }
}
