use super::*;

#[test]
fn network_folders_are_recognized_by_their_paths() {
    let unc = [r"\\server\share\state", r"\\?\UNC\server\share", r"\\?\unc\server\share"];
    let local = [r"C:\state", r"\\?\C:\state", r"\state", "state", "", r"\\.\C:\x"];
    assert!(unc.iter().all(|path| is_unc(Path::new(path))));
    assert!(!local.iter().any(|path| is_unc(Path::new(path))));
}
