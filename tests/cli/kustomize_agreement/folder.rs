//! Folders with kustomizations, as people lay them out, and with slips of the pen.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    fs,
    path::Path,
};

use super::{random::Random, resource};

/// Paths and what stands there. The Build's root is `app`.
pub(super) struct Folder(BTreeMap<String, Content>);

enum Content {
    File(String),
    Link(&'static str),
}

impl Folder {
    /// What a team would commit.
    pub(super) fn realistic(random: &mut Random) -> Self {
        let mut folder = Self(BTreeMap::new());
        let mut names = 0;
        let mut app = folder.files(random, "app", &mut names);
        if random.chance(300) {
            let file = resource::file(random, names + 10);
            folder.add("app/crds/things.yaml".into(), file);
            app.push("crds/things.yaml".into());
            names += 20;
        }
        if random.chance(400) {
            let files = folder.files(random, "app/sub", &mut names);
            folder.kustomization(random, "app/sub", &files);
            app.push(random.pick(&["sub", "./sub", "sub/"]).into());
        }
        if random.chance(400) {
            let mut files = folder.files(random, "base", &mut names);
            if random.chance(300) {
                let deeper = folder.files(random, "base/deeper", &mut names);
                folder.kustomization(random, "base/deeper", &deeper);
                files.insert(0, "deeper".into());
            }
            folder.kustomization(random, "base", &files);
            app.push("../base".into());
        }
        let at = random.below(app.len());
        app.swap(0, at);
        folder.kustomization(random, "app", &app);
        folder
    }

    /// The same with something changed in one file, or in the layout.
    pub(super) fn mutated(random: &mut Random) -> Self {
        let mut folder = Self::realistic(random);
        let paths: Vec<String> = folder.0.keys().cloned().collect();
        let path = paths[random.below(paths.len())].clone();
        match random.below(20) {
            0 => folder.link(random, &path),
            1 => folder.add("app/Kustomization".into(), "resources: [other.yaml]\n".into()),
            2 => {
                folder.0.remove(&path);
            }
            _ => {
                if let Some(Content::File(text)) = folder.0.get_mut(&path) {
                    for _ in 0..random.pick(&[1, 1, 1, 2, 3]) {
                        mutate(random, text);
                    }
                }
            }
        }
        folder
    }

    pub(super) fn write(&self, root: &Path) {
        for (path, content) in &self.0 {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match content {
                Content::File(text) => fs::write(path, text).unwrap(),
                Content::Link(to) => std::os::unix::fs::symlink(to, path).unwrap(),
            }
        }
    }

    fn add(&mut self, path: String, text: String) {
        self.0.insert(path, Content::File(text));
    }

    fn files(&mut self, random: &mut Random, folder: &str, names: &mut usize) -> Vec<String> {
        let files = ["web.yaml", "rbac.yaml", "conf/app.yml", "x.json.yaml"];
        let files = &files[..random.pick(&[1, 1, 2, 2, 3, 4])];
        for file in files {
            self.add(format!("{folder}/{file}"), resource::file(random, *names));
            *names += 10;
        }
        files.iter().map(|file| (*file).to_owned()).collect()
    }

    fn kustomization(&mut self, random: &mut Random, folder: &str, resources: &[String]) {
        let names =
            ["kustomization.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization"];
        let mut text = random.pick(&["", "", "# what we run\n", "---\n"]).to_owned();
        if random.chance(600) {
            let version = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n\n";
            text.push_str(version);
        }
        if random.chance(150) {
            writeln!(text, "resources: [{}]", resources.join(", ")).unwrap();
        } else {
            let margin = random.pick(&["", "  "]);
            text.push_str("resources:\n");
            for resource in resources {
                let quote = if random.chance(100) { "\"" } else { "" };
                let comment = if random.chance(100) { "  # why" } else { "" };
                writeln!(text, "{margin}- {quote}{resource}{quote}{comment}").unwrap();
            }
        }
        if random.chance(20) {
            text.push_str(random.pick(&["namePrefix: x-\n", "namespace: y\n", "patches: []\n"]));
        }
        self.add(format!("{folder}/{}", random.pick(&names)), text);
    }

    /// A file is elsewhere and a link stands in its place.
    fn link(&mut self, random: &mut Random, path: &str) {
        let Some(Content::File(text)) = self.0.remove(path) else { return };
        let depth = path.matches('/').count();
        let to = if random.chance(500) && depth == 1 { "../away.yaml" } else { "away.yaml" };
        let place = match to.starts_with("../") {
            true => "away.yaml".to_owned(),
            false => format!("{}away.yaml", &path[..=path.rfind('/').unwrap()]),
        };
        self.add(place, text);
        self.0.insert(path.to_owned(), Content::Link(to));
    }
}

/// What slips into a file.
const SLIPS: [&str; 78] = [
    " ",
    "  ",
    "\n",
    "\t",
    ":",
    ": ",
    "- ",
    "-",
    "?",
    "? ",
    "#",
    " #",
    " # c",
    "|",
    ">",
    "|-",
    ">+",
    "|2",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "!!int ",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ", ",
    "<<",
    "<<: ",
    "---",
    "---\n",
    "\n---\n",
    "...",
    "\n...\n",
    "%",
    "@",
    "`",
    "\\",
    "\\n",
    "é",
    "\u{85}",
    "\u{feff}",
    "\r",
    "\r\n",
    "\u{1}",
    "~",
    "null",
    "yes",
    "1",
    "0",
    ".",
    "_",
    "e",
    "+",
    "=",
    "0x",
    "08",
    "''",
    "\"\"",
    "key: v\n",
    "- x\n",
    "{}",
    "[]",
    "    ",
    "😀",
    "k: |\n      a\n     b\n",
    "k: >\n   a\n\n    b\n",
    "2001-01-01",
    "List",
    "\n\n",
    "\u{2028}",
    "kustomize",
    "  namespace: q\n",
    "config.kubernetes.io/",
];

fn mutate(random: &mut Random, text: &mut String) {
    let mut chars: Vec<char> = text.chars().collect();
    let mut at = random.below(chars.len() + 1);
    if random.chance(600) {
        // The edges of values and lines are where most slips still give YAML.
        let is_edge = |at: &usize| matches!(chars.get(*at), Some('\n' | ' ' | ','));
        at = (at..chars.len()).find(is_edge).unwrap_or(at) + random.below(2);
        at = at.min(chars.len());
    }
    let end = |length: usize| (at + length).min(chars.len());
    match random.below(100) {
        0..45 => drop(chars.splice(at..at, random.pick(&SLIPS).chars())),
        45..70 => drop(chars.drain(at..end(random.pick(&[1, 1, 1, 2, 3, 8])))),
        70..85 => {
            let piece = chars[at..end(random.between(1, 20))].to_vec();
            let to = random.below(chars.len() + 1);
            chars.splice(to..to, piece);
        }
        _ => drop(chars.splice(at..end(1), random.pick(&SLIPS).chars())),
    }
    *text = chars.into_iter().collect();
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, content) in &self.0 {
            match content {
                Content::File(text) => writeln!(f, "--- {path}\n{text:?}")?,
                Content::Link(to) => writeln!(f, "--- {path} -> {to}")?,
            }
        }
        Ok(())
    }
}
