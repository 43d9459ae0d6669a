//! Foreign text in GitHub's workflow commands (`::error file=…::message`).
//!
//! The rules are those of the actions toolkit: the message encodes `%`, CR and LF;
//! properties also `:` and `,`.

/// The message of a workflow command.
pub fn workflow_data(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in foreign.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c => out.push_str(&super::visible(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

/// A property of a workflow command.
pub fn workflow_property(foreign: &str) -> String {
    workflow_data(foreign).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_start_another_command() {
        assert_eq!(workflow_data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(workflow_property("a,b:c\n"), "a%2Cb%3Ac%0A");
    }
}
