use super::*;

#[test]
fn an_error_is_stored_by_its_name_and_the_words_of_earlier_versions_are_read() {
    for kind in SystemErrorKind::ALL {
        let json = serde_json::to_string(&SystemError::Known(kind)).unwrap();
        assert_eq!(json, format!("\"{}\"", kind.name()));
        let words = serde_json::to_string(worded::of_kind(kind)).unwrap();
        for stored in [json, words] {
            let read: SystemError = serde_json::from_str(&stored).unwrap();
            assert_eq!(read, SystemError::Known(kind), "{stored}");
        }
    }
    let other: SystemError = serde_json::from_str("\"a text of the system\"").unwrap();
    assert_eq!(other, SystemError::Other("a text of the system".to_owned()));
}

#[cfg(target_os = "linux")]
#[test]
fn links_that_lead_in_a_circle_are_an_error_of_their_own() {
    let error = SystemError::of(&Error::from_raw_os_error(40));
    assert_eq!(error, SystemError::Known(SystemErrorKind::LinkLoop));
}

#[cfg(unix)]
#[test]
fn the_limit_of_open_files_is_an_error_of_its_own() {
    let error = SystemError::of(&Error::from_raw_os_error(24));
    assert_eq!(error, SystemError::Known(SystemErrorKind::TooManyOpenFiles));
}
