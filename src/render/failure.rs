//! A run that failed as a whole, in the words of a job summary.

use super::escape;
use crate::error::Error;

/// What failed and what to do, as Markdown. There is no Report to render then.
pub fn failure(error: &Error) -> String {
    let mut text = format!(
        "**Drift is not known: the run failed.** {}\n",
        escape::message(&error.to_string())
    );
    for cause in error.causes() {
        text.push_str(&format!("\n- because: {}", escape::message(&cause)));
    }
    for hint in error.hints() {
        text.push_str(&format!("\n- what to do: {}", escape::message(hint)));
    }
    text.push('\n');
    text
}
