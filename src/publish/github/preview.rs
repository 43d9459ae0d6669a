//! `--dry-run`: what would be written, in words and as a diff of the body.

use similar::TextDiff;

use super::{
    api::{Change, NewState},
    model::Issue,
    plan::Action,
};

/// What the actions would write, for a terminal.
pub(super) fn preview(actions: &[Action], issues: &[Issue]) -> String {
    let mut text = String::new();
    for (place, action) in actions.iter().enumerate() {
        match action {
            Action::EnsureLabel(name) => {
                text.push_str(&format!("would create the label {name:?} if it is missing\n"));
            }
            Action::Create(new) => {
                text.push_str(&format!("would create an issue {:?}", new.title));
                text.push_str(&format!(" with the labels {}", new.labels.join(", ")));
                if !new.assignees.is_empty() {
                    text.push_str(&format!(", assigned to {}", new.assignees.join(", ")));
                }
                text.push('\n');
                text.push_str(&diff("", &new.body));
            }
            Action::Change(number, change) => {
                // The second writing of a body differs in its hidden state alone.
                let again = actions[..place].iter().any(|earlier| {
                    matches!(earlier, Action::Change(other, Change { body: Some(_), .. }) if other == number)
                });
                let issue = issues.iter().find(|issue| issue.number == *number);
                text.push_str(&changes(*number, change, issue, again));
            }
            Action::Comment { number, text: words, .. } => {
                text.push_str(&format!("would comment on #{number}:\n"));
                for line in visible(words).lines().filter(|line| !line.is_empty()) {
                    text.push_str(&format!("  {line}\n"));
                }
            }
            Action::AddLabel(number, name) => {
                text.push_str(&format!("would add the label {name:?} to #{number}\n"));
            }
            Action::RemoveLabel(number, name) => {
                text.push_str(&format!("would remove the label {name:?} from #{number}\n"));
            }
            Action::Retire { number, kept, .. } => {
                text.push_str(&format!("would close #{number} as a duplicate of #{kept}\n"));
            }
        }
    }
    if text.is_empty() {
        text.push_str("would write nothing\n");
    }
    text
}

fn changes(number: u64, change: &Change, issue: Option<&Issue>, again: bool) -> String {
    let mut text = String::new();
    match change.state {
        Some(NewState::Completed) => text.push_str(&format!("would close #{number}\n")),
        Some(NewState::Duplicate | NewState::NotPlanned) => {
            text.push_str(&format!("would close #{number} as a duplicate\n"));
        }
        Some(NewState::Reopened) => text.push_str(&format!("would reopen #{number}\n")),
        None => {}
    }
    if let Some(title) = &change.title {
        text.push_str(&format!("would rename #{number} to {title:?}\n"));
    }
    if let Some(body) = change.body.as_ref().filter(|_| !again) {
        let diff = diff(issue.map_or("", Issue::body), body);
        if diff.is_empty() {
            text.push_str(&format!("would write the hidden state of #{number}\n"));
        } else {
            text.push_str(&format!("would rewrite #{number}:\n{diff}"));
        }
    }
    text
}

/// The visible lines: hidden ones say nothing to people.
fn visible(body: &str) -> String {
    let lines = body.lines().filter(|line| !line.starts_with("<!-- tazuna-drift:"));
    let text = lines.collect::<Vec<_>>().join("\n");
    format!("{}\n", text.trim_end())
}

fn diff(old: &str, new: &str) -> String {
    let old = if old.is_empty() { String::new() } else { visible(old) };
    let new = visible(new);
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(3)
        .header("the issue now", "the issue then")
        .to_string()
}
