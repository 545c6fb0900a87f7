use std::path::{Path, PathBuf};

use crate::cli::setup::unit::text;

fn start(unit: &str) -> &str {
    unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap()
}

#[test]
fn the_unit_is_that_of_the_package_with_this_program_path() {
    let unit = text(Path::new("/opt/footman"), &[]);
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
    let unit = text(Path::new("/opt/footman"), &options);
    let expected =
        r#"ExecStart=/opt/footman run --config "/srv/q l/50%%$$x\"y\".toml" --log-root /mnt/Log"#;
    assert_eq!(start(&unit), expected);
}

#[test]
fn a_custom_state_folder_is_writable() {
    let unit = text(Path::new("/opt/footman"), &[("--state-dir", PathBuf::from("/srv/state"))]);
    assert!(unit.contains("\nReadWritePaths=/srv/state\n"), "{unit}");
}
