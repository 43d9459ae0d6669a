//! What the README shows is what the program and the action are.

use std::{fmt::Write, fs, path::Path};

use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares what stands between two markers of the README with what should stand there;
/// `UPDATE_EXPECT=1` writes it instead.
fn check_block(name: &str, expected: &str) {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let from = readme.find(&begin).unwrap_or_else(|| panic!("no {begin:?}")) + begin.len();
    let to = from + readme[from..].find(&end).unwrap_or_else(|| panic!("no {end:?}"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, format!("{}{expected}{}", &readme[..from], &readme[to..])).unwrap();
        return;
    }
    assert_eq!(
        &readme[from..to],
        expected,
        "README.md is not true any more; UPDATE_EXPECT=1 cargo test --test cli readme mends it"
    );
}

fn action() -> Value {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

fn table(head: &str, rows: &[(String, String, Option<String>)]) -> String {
    let mut text = format!("{head}\n");
    for (name, description, default) in rows {
        let cell = description.replace('|', "\\|");
        match default {
            Some(default) => writeln!(text, "| `{name}` | {cell} | {default} |").unwrap(),
            None => writeln!(text, "| `{name}` | {cell} |").unwrap(),
        }
    }
    text
}

fn described(section: &str, with_default: bool) -> Vec<(String, String, Option<String>)> {
    let action = action();
    let entries = action[section].as_mapping().unwrap();
    entries
        .iter()
        .map(|(name, entry)| {
            let default = match entry.get("default").and_then(Value::as_str) {
                _ if !with_default => None,
                None => Some(String::new()),
                Some(default) => Some(format!("`{default}`")),
            };
            let description = entry["description"].as_str().expect("each one is described");
            (name.as_str().unwrap().to_owned(), description.to_owned(), default)
        })
        .collect()
}

#[test]
fn inputs_and_outputs_of_the_action_stand_in_the_readme() {
    let inputs = table("| input | | default |\n| --- | --- | --- |", &described("inputs", true));
    check_block("inputs", &inputs);
    let outputs = table("| output | |\n| --- | --- |", &described("outputs", false));
    check_block("outputs", &outputs);
}
