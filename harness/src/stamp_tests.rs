use super::*;

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hivewright-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the temporary directory is writable");
        Self(path)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("writable");
        fs::write(path, content).expect("writable");
    }

    fn hex(&self) -> String {
        Stamp::new().tree(&self.0).expect("readable").hex()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_same_inputs_give_the_same_stamp_and_their_order_counts() {
    let ab = Stamp::new().text("a").text("b").hex();
    assert_eq!(ab, Stamp::new().text("a").text("b").hex());
    assert_ne!(ab, Stamp::new().text("b").text("a").hex());
    assert_ne!(ab, Stamp::new().text("ab").hex());
    assert_eq!(ab.len(), DIGITS);
}

#[test]
fn a_changed_added_or_renamed_file_changes_the_stamp_of_its_tree() {
    let dir = Dir::new("tree");
    dir.write("one", "1");
    dir.write("sub/two", "2");
    let first = dir.hex();
    assert_eq!(first, dir.hex());
    dir.write("sub/two", "3");
    let changed = dir.hex();
    assert_ne!(first, changed);
    fs::rename(dir.0.join("one"), dir.0.join("uno")).expect("writable");
    let renamed = dir.hex();
    assert_ne!(changed, renamed);
    dir.write("sub/three", "");
    assert_ne!(renamed, dir.hex());
}

#[test]
fn a_product_is_current_only_when_finished_with_these_inputs_and_still_there() {
    let dir = Dir::new("made");
    let made = Made::new(&dir.0, "thing", dir.0.join("thing"));
    assert!(!made.is_current("x"));
    made.begin().expect("nothing to forget");
    dir.write("thing", "");
    assert!(!made.is_current("x"));
    made.finish("x").expect("writable");
    assert!(made.is_current("x"));
    assert!(!made.is_current("y"));
    made.begin().expect("writable");
    assert!(!made.is_current("x"));
    made.finish("x").expect("writable");
    fs::remove_file(dir.0.join("thing")).expect("writable");
    assert!(!made.is_current("x"));
}
