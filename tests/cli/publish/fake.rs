//! A GitHub that remembers issues, comments and labels of `acme/infra`, and that fails
//! where a test says so. A request that nobody expects is remembered and answered 501.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// The author of what the program writes.
pub(super) const BOT: &str = "github-actions[bot]";

#[derive(Default)]
pub(super) struct World {
    pub(super) issues: BTreeMap<u64, Value>,
    pub(super) comments: BTreeMap<u64, Vec<Value>>,
    pub(super) labels: Vec<Value>,
    /// `METHOD path`, without `/repos/acme/infra` and without the query.
    pub(super) log: Vec<String>,
    /// The same with the query, for what must not be forgotten.
    pub(super) asked: Vec<String>,
    /// Headers of the last request.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) unexpected: Vec<String>,
    faults: Vec<Fault>,
}

/// The next request that fits fails.
struct Fault {
    method: &'static str,
    path: String,
    answer: ResponseTemplate,
    /// The request is carried out all the same: only the answer is lost.
    carried_out: bool,
}

#[derive(Clone)]
pub(super) struct Fake {
    world: Arc<Mutex<World>>,
}

impl Fake {
    pub(super) async fn start() -> (MockServer, Self) {
        let server = MockServer::start().await;
        let fake = Self { world: Arc::default() };
        Mock::given(any()).respond_with(fake.clone()).mount(&server).await;
        (server, fake)
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// What was asked since last time.
    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.world().log)
    }

    /// What was written since last time.
    pub(super) fn writes(&self) -> Vec<String> {
        self.log().into_iter().filter(|line| !line.starts_with("GET")).collect()
    }

    pub(super) fn issue(&self, number: u64) -> Value {
        self.world().issues[&number].clone()
    }

    pub(super) fn body(&self, number: u64) -> String {
        self.issue(number)["body"].as_str().unwrap().to_owned()
    }

    /// Only what people see of a body.
    pub(super) fn words(&self, number: u64) -> String {
        let body = self.body(number);
        let lines = body.lines().filter(|line| !line.starts_with("<!--"));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    pub(super) fn comments(&self, number: u64) -> Vec<String> {
        let world = self.world();
        let comments = world.comments.get(&number).map(Vec::as_slice).unwrap_or_default();
        comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) fn labels(&self, number: u64) -> Vec<String> {
        names(&self.issue(number)["labels"])
    }

    pub(super) fn set(&self, number: u64, field: &str, value: Value) {
        self.world().issues.get_mut(&number).unwrap()[field] = value;
    }

    /// An issue that is there before the program comes.
    pub(super) fn add(&self, issue: Value) -> u64 {
        self.world().add(issue)
    }

    /// The next request that fits gets this answer instead.
    pub(super) fn refuse(&self, method: &'static str, path: &str, answer: ResponseTemplate) {
        let path = path.to_owned();
        self.world().faults.push(Fault { method, path, answer, carried_out: false });
    }

    /// The next request that fits is carried out, and its answer comes too late.
    pub(super) fn lose(&self, method: &'static str, path: &str) {
        let answer = ResponseTemplate::new(200).set_delay(Duration::from_secs(5));
        let path = path.to_owned();
        self.world().faults.push(Fault { method, path, answer, carried_out: true });
    }

    /// The next request that fits is not carried out, and its answer comes too late.
    pub(super) fn stall(&self, method: &'static str, path: &str) {
        self.refuse(method, path, ResponseTemplate::new(200).set_delay(Duration::from_secs(5)));
    }
}

impl Respond for Fake {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut world = self.world();
        let method = request.method.to_string();
        let path = request.url.path().trim_start_matches("/repos/acme/infra").to_owned();
        world.log.push(format!("{method} {path}"));
        let query = request.url.query().unwrap_or_default();
        world.asked.push(format!("{method} {path}?{query}"));
        world.headers = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned()))
            .collect();
        let fault = world
            .faults
            .iter()
            .position(|fault| fault.method == method && path.starts_with(&fault.path));
        let fault = fault.map(|place| world.faults.remove(place));
        match fault {
            Some(fault) if !fault.carried_out => fault.answer,
            Some(fault) => {
                world.answer(request, &method, &path);
                fault.answer
            }
            None => world.answer(request, &method, &path),
        }
    }
}

impl World {
    fn add(&mut self, mut issue: Value) -> u64 {
        let number = self.issues.keys().next_back().map_or(1, |last| last + 1);
        let defaults = json!({
            "number": number,
            "html_url": format!("https://github.com/acme/infra/issues/{number}"),
            "title": "",
            "body": null,
            "state": "open",
            "state_reason": null,
            "locked": false,
            "labels": [],
            "assignees": [],
            "user": { "login": BOT, "type": "Bot" },
            "author_association": "NONE",
        });
        for (name, value) in defaults.as_object().unwrap() {
            if issue.get(name).is_none() {
                issue[name] = value.clone();
            }
        }
        issue["labels"] = label_objects(&issue["labels"]);
        self.issues.insert(number, issue);
        number
    }

    fn answer(&mut self, request: &Request, method: &str, path: &str) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let query: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        let parts: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|part| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let number = parts.get(1).and_then(|part| part.parse::<u64>().ok());
        match (method, &parts[..], number) {
            ("GET", ["issues"], _) => self.list(&query),
            ("POST", ["issues"], _) => {
                assert!(body["title"].as_str().unwrap().chars().count() <= 256);
                let number = self.add(body);
                reply(201, &self.issues[&number])
            }
            ("PATCH", ["issues", _], Some(number)) if self.issues.contains_key(&number) => {
                let issue = self.issues.get_mut(&number).unwrap();
                for (name, value) in body.as_object().unwrap() {
                    assert!(["title", "body", "state", "state_reason"].contains(&name.as_str()));
                    issue[name] = value.clone();
                }
                reply(200, issue)
            }
            ("GET", ["issues", _, "comments"], Some(number)) => {
                let comments = self.comments.get(&number).cloned().unwrap_or_default();
                page(&comments, &query)
            }
            ("POST", ["issues", _, "comments"], Some(number)) => {
                let comment = json!({
                    "body": body["body"].as_str().unwrap(),
                    "user": { "login": BOT, "type": "Bot" },
                    "author_association": "NONE",
                });
                self.comments.entry(number).or_default().push(comment.clone());
                reply(201, &comment)
            }
            ("GET", ["labels", name], _) => {
                match self.labels.iter().find(|label| label["name"] == *name) {
                    Some(label) => reply(200, label),
                    None => reply(404, &json!({ "message": "Not Found" })),
                }
            }
            ("POST", ["labels"], _) => {
                assert!(body["color"].as_str().unwrap().len() == 6);
                self.labels.push(body.clone());
                reply(201, &body)
            }
            ("POST", ["issues", _, "labels"], Some(number)) => {
                let issue = self.issues.get_mut(&number).unwrap();
                let mut all = names(&issue["labels"]);
                all.extend(names(&body["labels"]));
                issue["labels"] = label_objects(&json!(all));
                reply(200, &issue["labels"])
            }
            ("DELETE", ["issues", _, "labels", name], Some(number)) => {
                let issue = self.issues.get_mut(&number).unwrap();
                let mut all = names(&issue["labels"]);
                all.retain(|other| other != name);
                issue["labels"] = label_objects(&json!(all));
                reply(200, &issue["labels"])
            }
            _ => {
                self.unexpected.push(format!("{method} {path}"));
                reply(501, &json!({ "message": "nobody expected that" }))
            }
        }
    }

    fn list(&self, query: &BTreeMap<String, String>) -> ResponseTemplate {
        let fits = |issue: &&Value| {
            let state = query.get("state").map_or("open", String::as_str);
            let label = query.get("labels");
            let creator = query.get("creator");
            (state == "all" || issue["state"] == state)
                && label.is_none_or(|label| names(&issue["labels"]).contains(label))
                && creator.is_none_or(|creator| issue["user"]["login"] == **creator)
        };
        // The newest first, as GitHub does.
        let issues: Vec<Value> = self.issues.values().rev().filter(fits).cloned().collect();
        page(&issues, query)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.unexpected.is_empty(), "nobody expected {:?}", self.unexpected);
        }
    }
}

fn page(all: &[Value], query: &BTreeMap<String, String>) -> ResponseTemplate {
    let number = |name: &str, default| query.get(name).map_or(default, |n| n.parse().unwrap());
    let (size, page): (usize, usize) = (number("per_page", 30), number("page", 1));
    let rows: Vec<&Value> = all.iter().skip(size * (page - 1)).take(size).collect();
    let answer = reply(200, &json!(rows));
    if all.len() > size * page {
        answer.insert_header("link", "<https://api.github.com/x?page=2>; rel=\"next\"")
    } else {
        answer
    }
}

fn reply(status: u16, json: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json)
}

fn names(labels: &Value) -> Vec<String> {
    let name = |label: &Value| label["name"].as_str().or(label.as_str()).unwrap().to_owned();
    labels.as_array().into_iter().flatten().map(name).collect()
}

fn label_objects(labels: &Value) -> Value {
    names(labels).into_iter().map(|name| json!({ "name": name })).collect()
}
