//! Which cluster: kubectl's rules, and what is said where they find none.

use std::{env, fs, path::Path};

use tazuna_drift::{
    error::{Error, ErrorKind},
    state::cluster::{Cluster, ClusterOptions, Environment},
};

use super::fake_server::Kubeconfig;

fn entry(name: &str, server: &str) -> String {
    format!(
        "contexts: [{{name: {name}, context: {{cluster: {name}}}}}]\n\
         clusters: [{{name: {name}, cluster: {{server: '{server}'}}}}]\n"
    )
}

fn in_context(name: &str) -> ClusterOptions {
    ClusterOptions { context: Some(name.to_owned()), context_name: None }
}

fn failure(options: &ClusterOptions, environment: &Environment) -> Error {
    let Err(error) = Cluster::connect_in(options, environment) else {
        panic!("this should have failed");
    };
    assert_eq!(error.kind(), ErrorKind::Usage);
    error
}

fn place(cluster: &Cluster) -> (&str, &str) {
    let context = cluster.context();
    (context.name.as_deref().unwrap(), context.server.as_deref().unwrap())
}

#[test]
fn several_files_are_merged_and_one_that_is_missing_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = [
        folder.path().join("missing"),
        file("a", entry("a", "https://a.example.com:6443/path")),
        file("b", format!("current-context: b\n{}", entry("b", "https://[fd00::1]"))),
    ];
    let environment = Environment {
        kubeconfig: Some(env::join_paths(&files).unwrap()),
        ..Environment::default()
    };
    let cluster = Cluster::connect_in(&ClusterOptions::default(), &environment).unwrap();
    assert_eq!(place(&cluster), ("b", "[fd00::1]"));
    let cluster = Cluster::connect_in(&in_context("a"), &environment).unwrap();
    assert_eq!(place(&cluster), ("a", "a.example.com:6443"));
}

#[test]
fn the_home_folders_file_is_read_where_kubeconfig_is_not_set() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".kube")).unwrap();
    let text = format!("current-context: a\n{}", entry("a", "https://a.example.com"));
    fs::write(home.path().join(".kube/config"), text).unwrap();
    let environment = Environment {
        kubeconfig: Some("".into()),
        home: Some(home.path().to_owned()),
        ..Environment::default()
    };
    let cluster = Cluster::connect_in(&ClusterOptions::default(), &environment).unwrap();
    assert_eq!(place(&cluster), ("a", "a.example.com"));
}

#[test]
fn the_contexts_name_is_the_kubeconfigs_whatever_context_name_says() {
    let kubeconfig = Kubeconfig::new("{server: 'https://a.example.com'}", "{}");
    let options = ClusterOptions { context: None, context_name: Some("other".to_owned()) };
    let cluster = Cluster::connect_in(&options, &kubeconfig.environment).unwrap();
    assert_eq!(place(&cluster), ("prod", "a.example.com"));
}

#[test]
fn a_context_that_is_not_there_lists_those_that_are() {
    let text = "contexts: [{name: staging, context: {cluster: c}}, {name: production, context: {cluster: c}}]";
    let kubeconfig = Kubeconfig::of_text(text);
    let error = failure(&in_context("prodution"), &kubeconfig.environment);
    insta::assert_snapshot!("no_such_context", error.explain());
    let error = failure(&ClusterOptions::default(), &kubeconfig.environment);
    insta::assert_snapshot!("no_current_context", error.explain());
}

#[test]
fn without_a_kubeconfig_it_says_where_it_looked() {
    let environment =
        Environment { home: Some(Path::new("/home/me").to_owned()), ..Environment::default() };
    let error = failure(&ClusterOptions::default(), &environment);
    insta::assert_snapshot!("no_kubeconfig", error.explain());
    let error = failure(&in_context("prod"), &environment);
    insta::assert_snapshot!("context_without_kubeconfig", error.explain());
}

#[test]
fn a_kubeconfig_with_a_mistake_names_it() {
    let problem = |cluster: &str| {
        let kubeconfig = Kubeconfig::new(cluster, "{}");
        failure(&ClusterOptions::default(), &kubeconfig.environment).to_string()
    };
    assert!(problem("{}").contains("no `server`"));
    assert!(problem("{server: 'ftp://a'}").contains("must begin with https://"));
    assert!(problem("{server: 'https://a b'}").contains("not a URL"));
    let text = problem("{server: 'https://a', certificate-authority: /no/such/ca.pem}");
    assert!(text.contains("/no/such/ca.pem"), "{text}");
    assert!(
        problem("{server: 'https://a', certificate-authority-data: eA==}")
            .contains("no certificate")
    );
    assert!(problem("{server: 'https://a', proxy-url: 'socks5://p'}").contains("`proxy-url`"));
    let dangling = "contexts: [{name: a, context: {cluster: gone}}]";
    let error = failure(&in_context("a"), &Kubeconfig::of_text(dangling).environment);
    assert!(error.to_string().contains("\"gone\""));
}

#[test]
fn a_kubeconfig_that_is_not_yaml_is_not_quoted() {
    let kubeconfig = Kubeconfig::of_text("users:\n- name: u\n  user: {token: s3cret\n");
    let text = failure(&ClusterOptions::default(), &kubeconfig.environment).explain();
    assert!(text.contains("line "), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    let kubeconfig = Kubeconfig::of_text("users:\n- {name: u, user: s3cret}\n");
    let text = failure(&ClusterOptions::default(), &kubeconfig.environment).explain();
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_quoted() {
    let mut kubeconfig = Kubeconfig::new("{server: 'https://a.example.com'}", "{}");
    kubeconfig.environment.https_proxy = Some("socks5://me:s3cret@proxy:1080".to_owned());
    let text = failure(&ClusterOptions::default(), &kubeconfig.environment).explain();
    assert!(text.contains("HTTPS_PROXY"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}
