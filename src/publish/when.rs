//! Whether a workflow run may write the issue: a branch would describe what is not merged.

/// `--issue`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// The issue is left alone.
    Never,
    /// On the events that describe what is merged.
    #[default]
    Auto,
    /// Whatever the event.
    Always,
}

/// Whether the issue may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Allowed,
    /// It may not, for this reason: one sentence for people.
    Skipped(String),
}

/// Decides by the event that started the run (`GITHUB_EVENT_NAME`), the ref it runs on
/// (`GITHUB_REF`, such as `refs/heads/main`) and the name of the default branch.
pub fn when_allowed(
    when: When,
    event: Option<&str>,
    git_ref: Option<&str>,
    default_branch: Option<&str>,
) -> Permission {
    let skipped = |reason: &str| {
        Permission::Skipped(format!(
            "The issue was not touched: {reason} (`--issue always` overrides)."
        ))
    };
    match (when, event) {
        (When::Never, _) => Permission::Skipped("The issue is switched off.".to_owned()),
        (When::Always, _)
        | (When::Auto, Some("schedule" | "workflow_dispatch" | "repository_dispatch")) => {
            Permission::Allowed
        }
        (When::Auto, Some("push")) => {
            let branch = git_ref.and_then(|name| name.strip_prefix("refs/heads/"));
            match (branch, default_branch) {
                (Some(branch), Some(default)) if branch == default => Permission::Allowed,
                (_, None) => skipped("the name of the default branch is not known"),
                _ => skipped("this push is not to the default branch"),
            }
        }
        (When::Auto, Some("pull_request" | "pull_request_target" | "merge_group")) => {
            skipped("a pull request describes what is not merged yet")
        }
        (When::Auto, Some(_)) => skipped("this event may describe what is not merged yet"),
        (When::Auto, None) => skipped("this is not a workflow run on a schedule"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(when: When, event: &str, git_ref: &str) -> bool {
        when_allowed(when, Some(event), Some(git_ref), Some("main")) == Permission::Allowed
    }

    #[test]
    fn only_what_is_merged_is_written_by_itself() {
        for event in ["schedule", "workflow_dispatch", "repository_dispatch", "push"] {
            assert!(allowed(When::Auto, event, "refs/heads/main"), "{event}");
        }
        for (event, git_ref) in [
            ("push", "refs/heads/feature"),
            ("push", "refs/tags/main"),
            ("push", "main"),
            ("pull_request", "refs/pull/1/merge"),
            ("pull_request_target", "refs/heads/main"),
            ("issue_comment", "refs/heads/main"),
        ] {
            assert!(!allowed(When::Auto, event, git_ref), "{event} {git_ref}");
            assert!(allowed(When::Always, event, git_ref), "{event} {git_ref}");
            assert!(!allowed(When::Never, event, git_ref), "{event} {git_ref}");
        }
    }

    #[test]
    fn the_reason_is_one_line_that_says_how_to_override() {
        let Permission::Skipped(reason) = when_allowed(When::Auto, None, None, None) else {
            panic!("nothing says that this is merged")
        };
        assert!(reason.contains("--issue always") && !reason.contains('\n'));
        let unknown = when_allowed(When::Auto, Some("push"), Some("refs/heads/main"), None);
        assert!(matches!(unknown, Permission::Skipped(reason) if reason.contains("not known")));
    }
}
