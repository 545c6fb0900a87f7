//! Checks `docs/faults.md` and `docs/reliability.md` against the tests: every row has tests, and
//! all of them exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ROWS: u32 = 91;

/// The number and the other cells of each row of the table.
fn table() -> BTreeMap<u32, Vec<String>> {
    let text = fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let Some(Ok(number)) = cells.next().map(str::parse) else { continue };
        let before = rows.insert(number, cells.map(str::to_owned).collect());
        assert_eq!(before, None, "row {number} is duplicate");
    }
    rows
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of all tests.
fn tests() -> String {
    let mut text = String::new();
    let mut folders =
        ["tests/it", "tests/attack", "src"].map(|folder| root().join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                text += &fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

#[test]
fn every_row_of_the_fault_matrix_names_existing_tests() {
    let (rows, tests) = (table(), tests());
    let numbers: Vec<_> = rows.keys().copied().collect();
    assert_eq!(numbers, (1..=ROWS).collect::<Vec<_>>());
    for (number, cells) in rows {
        let quoted = cells[1].split('`').skip(1).step_by(2);
        let names: Vec<_> = quoted.filter(|name| !name.contains('/')).collect();
        let elsewhere = cells[1].contains("only Windows can show");
        assert!(!names.is_empty() || elsewhere, "row {number} has no test");
        for name in names {
            assert!(
                tests.contains(&format!("fn {name}(")),
                "row {number}: there is no test {name}"
            );
        }
        let promise = cells[2].as_str();
        assert!(
            promise.starts_with("kept") || promise.starts_with("loss"),
            "row {number}: {promise}"
        );
    }
}

#[test]
fn every_promise_names_existing_tests() {
    let text = fs::read_to_string(root().join("docs/reliability.md")).unwrap();
    let (_, promises) = text.split_once("## Promises and attacks").unwrap();
    let (promises, _) = promises.split_once("\n## ").unwrap();
    let tests = tests();
    let mut n = 0;
    for line in promises.lines().filter(|line| line.contains('`')) {
        let names = line.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2);
        for name in names {
            assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
            n += 1;
        }
    }
    assert!(n > 10);
}

#[test]
fn the_functions_that_the_docs_name_exist() {
    let text = fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let (_, answers) = text.split_once("## Where the answers are").unwrap();
    let mut n = 0;
    for line in answers.lines().filter(|line| line.contains(".rs`")) {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, _, file, function, _] = cells[..] else { panic!("{line}") };
        let source = fs::read_to_string(root().join("src").join(file)).unwrap();
        assert!(
            source.contains(&format!("fn {function}("))
                || source.contains(&format!("fn {function}<")),
            "{line}"
        );
        n += 1;
    }
    assert!(n > 10);
}
