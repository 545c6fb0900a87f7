use std::path::{Path, PathBuf};

use crate::cli::setup::plan::WrittenFolder;
use crate::cli::setup::unit::{WRITABLE, addition, text};

fn start(unit: &str) -> &str {
    unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap()
}

#[test]
fn the_unit_is_that_of_the_package_with_this_program_path() {
    let unit = text(Path::new("/opt/footman"), &[], &[]);
    assert_eq!(start(&unit), "ExecStart=/opt/footman run");
    for line in ["User=footman", "RestartPreventExitStatus=2", "WantedBy=multi-user.target"] {
        assert!(unit.lines().any(|known| known == line), "{line}");
    }
}

#[test]
fn paths_are_escaped_for_systemd() {
    let options = [
        ("--config", PathBuf::from("/srv/q l/50%$x\"y\".toml")),
        ("--log-root", "/mnt/Log".into()),
    ];
    let unit = text(Path::new("/opt/footman"), &options, &[]);
    let expected =
        r#"ExecStart=/opt/footman run --config "/srv/q l/50%%$$x\"y\".toml" --log-root /mnt/Log"#;
    assert_eq!(start(&unit), expected);
}

#[test]
fn folders_that_the_configuration_names_are_writable() {
    let folders = ["/srv/state", "/srv/foot man/log"];
    let folders = folders.map(|path| WrittenFolder { path: PathBuf::from(path), exists: false });
    let unit = text(Path::new("/opt/footman"), &[], &folders);
    let lines = "\nReadWritePaths=/srv/state\nReadWritePaths=\"/srv/foot man/log\"\n";
    assert!(unit.contains(lines), "{unit}");
    assert_eq!(addition(&folders), format!("[Service]{lines}"));
    assert!(!text(Path::new("/opt/footman"), &[], &[]).contains("ReadWritePaths"));
}

#[test]
fn the_folders_that_count_as_writable_are_those_of_the_unit() {
    let unit = text(Path::new("/opt/footman"), &[], &[]);
    for line in ["StateDirectory=footman", "LogsDirectory=footman", "ProtectSystem=strict"] {
        assert!(unit.lines().any(|known| known == line), "{line}");
    }
    assert_eq!(WRITABLE, ["/var/lib/footman", "/var/log/footman"]);
}
