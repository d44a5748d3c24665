//! The pages for people: what they point to is there, and what there is to be told they tell.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a page of the project can be read")
}

fn guides() -> Vec<PathBuf> {
    let guides = fs::read_dir(root().join("docs/guides")).expect("the guides are there");
    guides
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()
        .expect("readable")
}

/// The page without its blocks of code.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// Where the links of a page lead that stay in this tree.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let targets = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    targets
        .map(|(target, _)| target.to_owned())
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The anchors of a page: its headings, as code hosts name them.
fn anchors(page: &str) -> BTreeSet<String> {
    let prose = prose(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut pages = guides();
    pages.extend(["README.md", "docs/reference.md"].map(|page| root().join(page)));
    for path in pages {
        let page = read(&path);
        for link in links(&page) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = path.parent().expect("a page is in a folder");
            let target = if file.is_empty() {
                path.clone()
            } else {
                folder.join(file)
            };
            assert!(target.exists(), "{}: {link} is not there", path.display());
            assert!(
                anchor.is_empty() || anchors(&read(&target)).contains(anchor),
                "{}: {link} has no such heading",
                path.display()
            );
        }
    }
}

#[test]
fn the_readme_leads_to_every_guide() {
    let readme = links(&read(&root().join("README.md")));
    for guide in guides() {
        let name = guide.file_name().unwrap_or_default().to_string_lossy();
        assert!(readme.contains(&format!("docs/guides/{name}")), "{name}");
    }
}

#[test]
fn the_readme_tells_every_target_of_make_and_no_other() {
    let makefile = read(&root().join("Makefile"));
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter(|line| line.contains(": ") && line.contains("## "))
        .filter_map(|line| line.split(':').next())
        .filter(|name| *name != "help")
        .collect();
    let readme = read(&root().join("README.md"));
    let told: BTreeSet<&str> = readme
        .split("`make ")
        .skip(1)
        .filter_map(|rest| rest.split('`').next()?.split(' ').next())
        .filter(|name| !["test", "help"].contains(name))
        .collect();
    let mut targets = targets;
    assert!(targets.remove("test") && readme.contains("\nmake test "));
    assert_eq!(told, targets);
}
