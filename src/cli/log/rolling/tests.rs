use super::*;

fn sizes(folder: &Path) -> Vec<u64> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().metadata().unwrap().len()).collect()
}

#[test]
fn a_flood_fills_ten_files_of_five_megabytes_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("log");
    let mut rolling = RollingFile::open(&folder).unwrap();
    let line = vec![b'x'; 60_000];
    for _ in 0..1_200 {
        rolling.write_all(&line).unwrap();
        assert!(sizes(&folder).iter().sum::<u64>() <= 10 * FILE_BYTES);
    }
    assert_eq!(sizes(&folder).len(), FILES_KEPT);
    let newest = rolling.files().pop().unwrap();
    drop(rolling);

    let mut again = RollingFile::open(&folder).unwrap();
    again.write_all(b"after a restart\n").unwrap();
    let text = fs::read(&newest).unwrap();
    assert!(text.ends_with(b"after a restart\n"), "the newest file is continued");
}

#[test]
fn a_line_of_ten_megabytes_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut rolling = RollingFile::open(dir.path()).unwrap();
    rolling.write_all(&vec![b'x'; 10 << 20]).unwrap();
    assert!(sizes(dir.path()).iter().sum::<u64>() < 100_000);
}

#[test]
fn files_of_earlier_days_are_deleted_first_and_foreign_ones_kept() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["footman.log", "footman.2026-01-0x.log", "other.2020-01-01.log"] {
        fs::write(dir.path().join(name), "foreign").unwrap();
    }
    for day in 1..=12 {
        fs::write(dir.path().join(format!("footman.2020-01-{day:02}.log")), "old").unwrap();
    }
    fs::write(dir.path().join("footman.2020-01-12.10.log"), "newer").unwrap();
    let rolling = RollingFile::open(dir.path()).unwrap();
    let names: Vec<_> = rolling
        .files()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), FILES_KEPT);
    assert_eq!(names[0], "footman.2020-01-05.log");
    assert_eq!(names[8], "footman.2020-01-12.10.log");
    assert_eq!(sizes(dir.path()).len(), FILES_KEPT + 3);
}

#[cfg(unix)]
#[test]
fn other_accounts_cannot_read_the_log() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("log");
    let rolling = RollingFile::open(&folder).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&rolling.files()[0])), (0o700, 0o600));
}
