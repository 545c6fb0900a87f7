//! `footman doctor --collect-shapes` over real files.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// What `docs/operating.md` shows, from logs that this makes.
const ROWS: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\tAppName\tAppId\r\n\
    1\t20261123T060000.000+0100\tERROR\tacmeprd01\tSystem.Scheduler.Scheduler.Master.Task.TaskSession\tMax retries reached\tUmbrella\te7af59a0-c243-480d-9571-08727551a66f\r\n\
    2\t20261123T060001.000+0100\tWARN\tacmeprd01\tSystem.Repository.AcmeCorp\tUser ACME\\jane cannot open 'Umbrella' on acmeprd01 (HTTP code: 403)\tUmbrella\te7af59a0-c243-480d-9571-08727551a66f\r\n";

fn node() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("Log/Scheduler/Trace");
    fs::create_dir_all(&trace).unwrap();
    fs::write(trace.join("ACMEPRD01_System_Scheduler.txt"), ROWS).unwrap();
    let rolled = File::create(trace.join("ACMEPRD01_System_Scheduler_2026-11-22T06.00.00Z.log.gz"));
    let mut packed = GzEncoder::new(rolled.unwrap(), Compression::fast());
    let row = ROWS.lines().nth(1).unwrap().replace("Max retries", "Umbrella: Max retries");
    packed.write_all(format!("{}\r\n{row}\r\n", ROWS.lines().next().unwrap()).as_bytes()).unwrap();
    packed.finish().unwrap();
    let scripts = folder.path().join("Log/Script");
    fs::create_dir_all(&scripts).unwrap();
    fs::write(
        scripts.join("Umbrella Sales.log"),
        "\u{feff}20261123T060000.000+0100      Error: Field 'Jane' not found\r\n",
    )
    .unwrap();
    fs::create_dir_all(folder.path().join("Log/HubService")).unwrap();
    fs::write(
        folder.path().join("Log/HubService/1444921956216_acme.log"),
        "{\"level\":\"info\",\"message\":\"Session closed\",\"jane\":\"Umbrella\"}\n",
    )
    .unwrap();
    fs::write(folder.path().join("Log/umbrella.txt"), "Jane of Umbrella\n").unwrap();
    folder
}

fn collect(root: &Path, file: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["doctor", "--collect-shapes"])
        .arg(file)
        .arg("--log-root")
        .arg(root)
        .output()
        .unwrap();
    let both = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(both).unwrap())
}

#[test]
fn the_file_is_as_the_documents_show_it_and_names_nobody() {
    let folder = node();
    let file = folder.path().join("shapes.txt");
    let (code, said) = collect(&folder.path().join("Log"), &file);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 logs") && said.contains("nothing was sent"), "{said}");
    let page = fs::read_to_string(&file).unwrap();
    let docs = include_str!("../../docs/operating.md").replace("\r\n", "\n");
    let shown = docs.split("```text\ncolumns of ").nth(1).unwrap().split("```").next().unwrap();
    for line in format!("columns of {shown}").lines() {
        assert!(page.lines().any(|known| known == line), "{line} is not in\n{page}");
    }
    for part in [
        "## System_Scheduler: 2 files",
        "Message: ‹text›: Max retries reached",
        "## Script: ",
        "Error: Field '‹quoted›' not found",
        "{level: info, message: Session closed, ‹key›: ‹text›}",
        "## other files",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let small = page.to_lowercase();
    for name in [
        "acme",
        "jane",
        "umbrella",
        "sales",
        "e7af59a0",
        "14449",
        &*folder.path().to_string_lossy(),
    ] {
        assert!(!small.contains(&name.to_lowercase()), "{name} is in\n{page}");
    }
}

#[test]
fn an_existing_file_stays_as_it_is() {
    let folder = node();
    let file = folder.path().join("shapes.txt");
    fs::write(&file, "the work of an evening").unwrap();
    let (code, said) = collect(&folder.path().join("Log"), &file);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("exists and is not overwritten") && said.contains("hint: "), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "the work of an evening");
}

#[test]
fn a_file_that_cannot_be_made_or_would_lie_among_the_logs_is_refused() {
    let folder = node();
    let root = folder.path().join("Log");
    for file in ["none/shapes.txt", "Log/shapes.txt", "Log/Script/shapes.txt", "Log"] {
        let file = folder.path().join(file);
        let (code, said) = collect(&root, &file);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("hint: "), "{said}");
        assert!(!file.is_file());
    }
    let (code, said) = collect(&folder.path().join("nowhere"), &folder.path().join("x.txt"));
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("hint: ") && !folder.path().join("x.txt").exists(), "{said}");
}
