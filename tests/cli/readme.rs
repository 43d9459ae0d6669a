//! What the README shows is what the program and the action are.

use std::{fmt::Write, fs, path::Path};

use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares what stands between two markers of the README with what should stand there;
/// `UPDATE_EXPECT=1` writes it instead.
fn check_block(name: &str, expected: &str) {
    check_block_but(name, expected, |_| false);
}

/// The same, but lines of which `passing` is true (dates, durations) may differ.
fn check_block_but(name: &str, expected: &str, passing: impl Fn(&str) -> bool) {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let from = readme.find(&begin).unwrap_or_else(|| panic!("no {begin:?}")) + begin.len();
    let to = from + readme[from..].find(&end).unwrap_or_else(|| panic!("no {end:?}"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, format!("{}{expected}{}", &readme[..from], &readme[to..])).unwrap();
        return;
    }
    let lasting = |text: &str| -> String {
        text.lines().filter(|line| !passing(line)).map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(
        lasting(&readme[from..to]),
        lasting(expected),
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

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let args = "diff -f examples/quickstart/tazuna.yaml --state-dir examples/quickstart/state --format markdown";
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tazuna-drift"));
    command.args(args.split(' ')).current_dir(root()).env_clear().env("PATH", "/usr/bin:/bin");
    let run = crate::program::Run::of(&mut command, "");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let block = format!(
        "```\ngit clone https://github.com/<owner>/tazuna-drift && cd tazuna-drift\n\
         cargo run --release -- {args}\n```\n\n\
         It prints this, here as a page shows it:\n\n---\n\n{}\n---\n",
        // Headings of the report must not become headings of the README.
        run.stdout.replace("\n## ", "\n#### ").replace("\n### ", "\n##### ")
    );
    let passing = |line: &str| line.starts_with("`examples/") || line.starts_with("<sub>");
    check_block_but("quickstart", &block, passing);
}
