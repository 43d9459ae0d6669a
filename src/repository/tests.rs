//! Discovery against real repositories.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use super::*;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs in tests");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn repository() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    fs::create_dir(folder.path().join("infra")).expect("a folder");
    fs::write(folder.path().join("infra/tazuna.yaml"), "spec: {}\n").expect("a file");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "one"]);
    folder
}

#[test]
fn tells_where_the_file_lies_and_what_is_checked_out() {
    let folder = repository();
    let commit = git(folder.path(), &["rev-parse", "HEAD"]);
    git(
        folder.path(),
        &["remote", "add", "origin", "https://u:p@ghe.example.com/acme/platform.git"],
    );
    let found = discover(&folder.path().join("infra/tazuna.yaml"));
    assert_eq!(found.warning, None);
    let repo = found.repo.expect("a repository");
    assert_eq!(repo.path, "infra/tazuna.yaml");
    assert_eq!(repo.root.canonicalize().ok(), folder.path().canonicalize().ok());
    assert_eq!(
        repo.facts,
        Repository {
            name: Some("acme/platform".into()),
            server_url: Some("https://ghe.example.com".into()),
            commit: Some(commit),
            git_ref: Some("refs/heads/main".into()),
            shallow: false,
        }
    );
}

#[test]
fn a_detached_head_has_no_ref_and_a_new_repository_no_commit() {
    let folder = repository();
    git(folder.path(), &["checkout", "--quiet", "--detach"]);
    let repo = discover(&folder.path().join("infra/tazuna.yaml")).repo.expect("a repository");
    assert_eq!(repo.facts.git_ref, None);
    assert!(repo.facts.commit.is_some());
    let empty = TempDir::new().expect("a folder");
    git(empty.path(), &["init", "--quiet"]);
    let repo = discover(&empty.path().join("tazuna.yaml")).repo.expect("a repository");
    assert_eq!(repo.facts.commit, None);
}

#[test]
fn a_shallow_clone_is_told() {
    let folder = repository();
    fs::write(folder.path().join("more"), "x").expect("a file");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "two"]);
    let clone = TempDir::new().expect("a folder");
    let source = format!("file://{}", folder.path().display());
    git(clone.path(), &["clone", "--quiet", "--depth=1", &source, "c"]);
    let repo = discover(&clone.path().join("c/infra/tazuna.yaml")).repo.expect("a repository");
    assert!(repo.facts.shallow);
    assert_eq!(repo.facts.name, None);
}

#[test]
fn known_commits_are_told_from_unknown_ones_and_from_nonsense() {
    let folder = repository();
    let commit = git(folder.path(), &["rev-parse", "HEAD"]);
    let tree = git(folder.path(), &["rev-parse", "HEAD^{tree}"]);
    let repo = discover(&folder.path().join("infra/tazuna.yaml")).repo.expect("a repository");
    let lost = "1234567890123456789012345678901234567890";
    let short = &commit[..8];
    let asked = [lost, &commit, &tree, short, "HEAD", "main", "", "--help", "a\nHEAD", &commit];
    assert_eq!(repo.knows_commits(&asked), BTreeSet::from([commit.clone()]));
    assert_eq!(repo.knows_commits(&[]), BTreeSet::new());
    let many: Vec<String> = (0..5000).map(|number| format!("{number:040x}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(repo.knows_commits(&many), BTreeSet::new());
}

#[test]
fn no_repository_and_no_git_fail_nothing() {
    let folder = TempDir::new().expect("a folder");
    assert_eq!(discover(&folder.path().join("tazuna.yaml")), Discovery::default());
    assert_eq!(discover(Path::new("/no/such/folder/tazuna.yaml")), Discovery::default());
    assert_eq!(
        discover_with("no-such-git", &folder.path().join("tazuna.yaml")),
        Discovery::default()
    );
    let repo = repository();
    let found = discover_with("no-such-git", &repo.path().join("infra/tazuna.yaml"));
    assert_eq!(found.repo, None);
    assert!(found.warning.expect("a warning").message.contains("not installed"));
}

#[test]
fn a_repository_of_another_user_is_told_with_the_way_out() {
    let folder = repository();
    let told = "fatal: detected dubious ownership in repository at '/github/workspace'\n";
    let warning = unusable(&folder.path().join("infra"), &Problem::Failed(told.into()));
    let warning = warning.expect("a warning");
    assert_eq!(warning.code, "repository-unreadable");
    let hint = warning.hint.expect("a hint");
    assert!(hint.contains("safe.directory"), "{hint}");
}
