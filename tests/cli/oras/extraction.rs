//! Unpacking: what is taken, what is refused, and that nothing is written outside.

use std::{fs, path::Path, sync::atomic::AtomicBool};

use proptest::prelude::*;
use tazuna_drift::build::oras::extract::{Fault, Limits, extract};
use tempfile::TempDir;

use super::archive::{Tar, gzip};

const SMALL: Limits = Limits { bytes: 4096, entries: 10 };

/// A folder to unpack into, with a neighbour that nobody may touch.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::create_dir(place.folder()).unwrap();
        fs::create_dir(place.0.path().join("outside")).unwrap();
        place
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("inside")
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.folder().join(file)).unwrap()
    }

    fn is_clean(&self) -> bool {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names == ["inside", "outside"]
            && fs::read_dir(self.0.path().join("outside")).unwrap().next().is_none()
    }
}

fn unpack(archive: &[u8], place: &Place, limits: Limits) -> Result<(), Fault> {
    extract(archive, &place.folder(), limits, &AtomicBool::new(false))
}

/// Unpacks what must be refused, and gives the words for it.
fn refused(tar: Tar) -> String {
    let place = Place::new();
    let fault = unpack(&tar.packed(), &place, SMALL).unwrap_err();
    assert!(place.is_clean());
    fault.to_string()
}

#[test]
fn files_folders_and_links_inside_are_unpacked() {
    let place = Place::new();
    let tar = Tar::default()
        .folder("./")
        .folder("a/")
        .file("./a/b/kustomization.yaml", "resources: []\n")
        .file("a/../c", "c")
        .symlink("a/up", "../c")
        .symlink("later", "a/later")
        .file("a/later", "later")
        .symlink("d", "a/b")
        .file("d/through", "x")
        .hard_link("e", "c")
        .entry(0, "old/", "", b"")
        .entry(0, "old/f", "", b"f");
    unpack(&tar.packed(), &place, Limits { entries: 12, ..SMALL }).unwrap();
    assert_eq!(place.text("a/b/kustomization.yaml"), "resources: []\n");
    for (file, text) in [
        ("c", "c"),
        ("a/up", "c"),
        ("later", "later"),
        ("a/b/through", "x"),
        ("e", "c"),
        ("old/f", "f"),
    ] {
        assert_eq!(place.text(file), text, "{file}");
    }
    assert!(place.is_clean());
}

#[test]
fn long_names_of_both_sorts_are_whole() {
    let place = Place::new();
    let long = "n".repeat(150);
    let path = format!("path={long}\n");
    let length = (path.len() + 1..).find(|n| n.to_string().len() + 1 + path.len() == *n).unwrap();
    let tar = Tar::default()
        .entry(b'L', "././@LongLink", "", format!("gnu/{long}\0").as_bytes())
        .file("gnu/nnn", "gnu")
        .entry(b'x', "pax", "", format!("{length} {path}").as_bytes())
        .file("nnn", "pax");
    unpack(&tar.packed(), &place, SMALL).unwrap();
    assert_eq!(place.text(&format!("gnu/{long}")), "gnu");
    assert_eq!(place.text(&long), "pax");
}

#[test]
fn paths_that_lead_out_are_refused() {
    for (name, why) in [
        ("/etc/passwd", "absolute path"),
        ("../outside/x", "leads out of the artifact"),
        ("a/../../outside/x", "leads out of the artifact"),
        ("..", "leads out of the artifact"),
        ("", "no name"),
    ] {
        assert!(refused(Tar::default().file(name, "x")).contains(why), "{name}");
    }
}

#[test]
fn links_that_lead_out_are_refused_by_whatever_way() {
    for tar in [
        Tar::default().symlink("a", "/etc"),
        Tar::default().symlink("a", "../outside"),
        Tar::default().symlink("a", "b/../../outside"),
        // Each of these is inside by its name alone.
        Tar::default().folder("d").symlink("d/up", "..").symlink("d/out", "up/../outside"),
        Tar::default().symlink("d/out", "up/../outside").symlink("d/up", ".."),
        Tar::default().folder("d").symlink("d/up", "..").symlink("d/x", "up/..").file("d/x/y", "y"),
        Tar::default().symlink("a", "b").symlink("b", "a"),
        Tar::default().hard_link("a", "/etc/passwd"),
        Tar::default().hard_link("a", "../outside/x"),
        Tar::default().symlink("d/e/up", "../..").hard_link("up", "d/e/up"),
    ] {
        let words = refused(tar);
        assert!(words.contains("link") || words.contains("way of another"), "{words}");
    }
}

#[test]
fn what_is_no_file_folder_or_link_is_refused() {
    for (kind, why) in [
        (b'3', "device"),
        (b'4', "device"),
        (b'6', "pipe"),
        (b'7', "neither a file"),
        (b'S', "neither a file"),
        (b'g', "global header"),
    ] {
        let words = refused(Tar::default().entry(kind, "x", "", b""));
        assert!(words.contains(why), "{words}");
    }
    assert!(refused(Tar::default().entry(b'5', "x", "", b"hidden")).contains("contents"));
}

#[test]
fn limits_hold_to_the_byte_and_the_entry() {
    let many = |count| (0..count).fold(Tar::default(), |tar, n| tar.file(&n.to_string(), ""));
    assert!(unpack(&many(10).packed(), &Place::new(), SMALL).is_ok());
    let fault = unpack(&many(11).packed(), &Place::new(), SMALL).unwrap_err();
    assert!(matches!(fault, Fault::TooMany(10)));

    let large = |size| Tar::default().file("a", &"x".repeat(size)).file("b", "xx").packed();
    assert!(unpack(&large(4094), &Place::new(), SMALL).is_ok());
    let fault = unpack(&large(4095), &Place::new(), SMALL).unwrap_err();
    assert!(matches!(fault, Fault::TooLarge(4096)));
}

#[test]
fn tazunas_limit_is_ten_thousand_entries() {
    let many = |count| {
        (0..count).fold(Tar::default(), |tar, n| tar.header(b'5', &format!("d/{}", n % 50), "", 0))
    };
    assert!(unpack(&many(10_000).packed(), &Place::new(), Limits::TAZUNA).is_ok());
    let fault = unpack(&many(10_001).packed(), &Place::new(), Limits::TAZUNA).unwrap_err();
    assert_eq!(fault.to_string(), "it has more than 10000 entries");
}

#[test]
fn a_bomb_is_given_up_before_it_is_written() {
    // A header that claims 2 GiB, and headers of headers without end.
    let claims = Tar::default().header(b'0', "bomb", "", 2 << 30).packed();
    let place = Place::new();
    let fault = unpack(&claims, &place, Limits::TAZUNA).unwrap_err();
    assert!(matches!(fault, Fault::TooLarge(_)), "{fault}");
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 0);

    let name = Tar::default().header(b'L', "././@LongLink", "", 1 << 31).packed();
    let words = unpack(&name, &Place::new(), Limits::TAZUNA).unwrap_err().to_string();
    assert!(words.contains("longer than 1 MiB"), "{words}");

    let block = Tar::default().entry(b'x', "pax", "", &vec![0; 1 << 20]).raw();
    let endless = gzip(&block.repeat(160));
    let fault = unpack(&endless, &Place::new(), SMALL).unwrap_err();
    assert!(matches!(fault, Fault::TooLarge(_) | Fault::Damaged(_)), "{fault}");
}

#[test]
fn what_is_cut_or_no_archive_is_damaged() {
    let whole = Tar::default().file("a", &"x".repeat(3000)).packed();
    for bytes in [
        b"not gzip".to_vec(),
        Vec::new(),
        whole[..whole.len() / 2].to_vec(),
        gzip(b"not tar but long enough?"),
    ] {
        let fault = unpack(&bytes, &Place::new(), SMALL).unwrap_err();
        assert!(matches!(fault, Fault::Damaged(_)), "{fault}");
    }
    let cut = gzip(&Tar::default().file("a", &"x".repeat(3000)).raw()[..1024]);
    assert!(matches!(unpack(&cut, &Place::new(), SMALL), Err(Fault::Damaged(_))));
    // Go's reader takes an archive without its end for whole.
    let endless = gzip(&Tar::default().file("a", "x").raw());
    unpack(&endless, &Place::new(), SMALL).unwrap();
}

#[test]
fn it_ends_when_nobody_wants_it() {
    let stop = AtomicBool::new(true);
    let place = Place::new();
    let archive = Tar::default().file("a", "x").packed();
    let result = extract(archive.as_slice(), &place.folder(), SMALL, &stop);
    assert!(matches!(result, Err(Fault::Stopped)));
}

#[derive(Clone, Debug)]
struct Piece {
    kind: u8,
    name: String,
    link: String,
}

fn piece() -> impl Strategy<Value = Piece> {
    let path = "(/|\\.\\./|a/|b/|\\./){0,4}(a|b|\\.\\.|out)?";
    (prop::sample::select(b"0125".to_vec()), path, path).prop_map(|(kind, name, link)| Piece {
        kind,
        name,
        link,
    })
}

proptest! {
    #[test]
    fn nothing_ever_gets_outside(pieces in prop::collection::vec(piece(), 1..8)) {
        let tar = pieces.iter().fold(Tar::default(), |tar, piece| {
            let contents: &[u8] = if piece.kind == b'0' { b"x" } else { b"" };
            tar.entry(piece.kind, &piece.name, &piece.link, contents)
        });
        let place = Place::new();
        let result = unpack(&tar.packed(), &place, SMALL);
        prop_assert!(place.is_clean());
        if result.is_ok() {
            assert_links_stay_inside(&place.folder(), &place.folder().canonicalize().unwrap());
        }
    }

    #[test]
    fn any_bytes_end_in_a_result(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        let place = Place::new();
        let _ = unpack(&gzip(&bytes), &place, SMALL);
        prop_assert!(place.is_clean());
    }
}

fn assert_links_stay_inside(folder: &Path, root: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            if let Ok(real) = entry.path().canonicalize() {
                assert!(
                    real.starts_with(root),
                    "{} leads to {}",
                    entry.path().display(),
                    real.display()
                );
            }
        } else if kind.is_dir() {
            assert_links_stay_inside(&entry.path(), root);
        }
    }
}
