use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_file_at_the_limit_is_read_and_one_byte_more_is_refused() {
    let folder = folder();
    let path = folder.path().join("a");
    fs::write(&path, vec![b'x'; 1 << 10]).unwrap();
    assert_eq!(read_text(&path, 1 << 10).unwrap().len(), 1 << 10);
    fs::write(&path, vec![b'x'; (1 << 10) + 1]).unwrap();
    let refused = read_text(&path, 1 << 10).unwrap_err();
    assert_eq!(refused.to_string(), "is larger than the limit of 1 KiB");
}

#[test]
fn text_that_is_partly_utf_16_is_refused_with_the_encoding_to_use() {
    // `>>` in `PowerShell` appends UTF-16 to what is there.
    let appended = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let mixed = [b"environment = 'x'\n".to_vec(), appended("language = 'de'\n")].concat();
    let odd = [appended("\n environment = 'x'\n"), b"x".to_vec()].concat();
    for bytes in [mixed, odd] {
        let refused = decoded(bytes).unwrap_err();
        assert_eq!(refused.to_string(), "is not UTF-8 text");
        assert!(refused.hint().contains("UTF-8"), "{}", refused.hint());
    }
    assert_eq!(decoded(appended("environment = 'x'\n")).unwrap(), "environment = 'x'\n");
}

#[test]
fn a_folder_that_is_gone_is_called_as_a_setting_that_names_it_is() {
    let gone = folder().path().join("gone");
    let (texts, problems) = load_folder(&gone, "json");
    assert!(texts.is_empty());
    assert_eq!(problems[0].message, missing_folder(&gone));
    assert_eq!(problems[0].hint.as_deref(), Some(CREATE_IT));
}

#[cfg(unix)]
#[test]
fn non_regular_files_are_refused_at_once() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [&pipe, folder.path(), Path::new("/dev/zero")] {
        let refused = read_bounded(path, 10).unwrap_err();
        assert!(matches!(refused, Unreadable::NotAFile), "{}: {refused}", path.display());
    }
    let (texts, problems) = {
        fs::rename(&pipe, folder.path().join("pipe.toml")).unwrap();
        load_folder(folder.path(), "toml")
    };
    assert_eq!(texts, []);
    assert_eq!(problems[0].message, "the file is not a regular file");
}

#[test]
fn a_folder_is_read_up_to_its_limits_and_skipped_files_are_reported() {
    let folder = folder();
    for number in 0..=limits::FILES {
        fs::write(folder.path().join(format!("{number:04}.toml")), "").unwrap();
    }
    let (texts, problems) = load_folder(folder.path(), "toml");
    assert_eq!((texts.len(), problems.len()), (limits::FILES, 1));
    assert_eq!(problems[0].message, "the folder has more than 1000 files");
    assert!(texts[0].0.ends_with("0000.toml"), "{}", texts[0].0);

    let many = self::folder();
    let whole = "#".repeat(usize::try_from(limits::TEXT).unwrap());
    for number in 0..17 {
        fs::write(many.path().join(format!("{number:02}.toml")), &whole).unwrap();
    }
    let (texts, problems) = load_folder(many.path(), "toml");
    assert_eq!((texts.len(), problems.len()), (16, 1));
    assert_eq!(problems[0].message, "the files are larger than 16 MiB together");
}
