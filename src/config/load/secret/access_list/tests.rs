use crate::config::load::secret::access_list::{other_readers, private};

/// The list of a file in the folder that the installer protects.
const PROTECTED: &str = "O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)";
/// The list of a file that Notepad saved below `%ProgramData%`.
const INHERITED: &str = "O:S-1-5-21-1-2-3-1001D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)";

#[test]
fn a_file_protected_by_the_installer_has_no_other_reader() {
    assert_eq!(other_readers(PROTECTED), None);
    assert_eq!(other_readers("O:BAD:PAI"), None);
}

#[test]
fn a_file_that_inherits_from_program_data_can_be_read_by_users() {
    assert_eq!(other_readers(INHERITED), Some("the group Users"));
}

#[test]
fn every_broad_group_is_recognized_by_abbreviation_and_id() {
    for who in ["WD", "S-1-1-0", "AU", "S-1-5-11", "DU", "S-1-5-21-7-8-9-513"] {
        for rights in ["FA", "FR", "GR", "GA", "0x1200a9", "0x1f01ff", "CCDCLC"] {
            let list = format!("O:BAD:(A;;{rights};;;{who})");
            assert!(other_readers(&list).is_some(), "{list}");
        }
    }
}

#[test]
fn entries_that_do_not_grant_reading_are_ignored() {
    for entry in [
        "(D;;FA;;;WD)",
        "(A;OICIIO;FA;;;WD)",
        "(A;;0x100000;;;WD)",
        "(A;;FW;;;BU)",
        "(A;;FA;;;S-1-5-21-7-8-9-1105)",
        "(A;;FA;;;S-1-5-80-1-2-3)",
    ] {
        assert_eq!(other_readers(&format!("O:BAD:AI{entry}")), None, "{entry}");
    }
}

#[test]
fn a_file_without_a_list_is_open_to_everyone() {
    assert_eq!(other_readers("O:BA"), Some("everyone"));
    assert_eq!(other_readers("O:BAD:NO_ACCESS_CONTROL"), Some("everyone"));
}

#[test]
fn the_private_list_has_only_system_administrators_and_owner() {
    let list = private(INHERITED, "");
    assert_eq!(list, "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-21-1-2-3-1001)");
    assert_eq!(other_readers(&list), None);
    assert_eq!(private("O:BAG:SYD:AI", ""), "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;BA)");
    let folder = private("O:BAD:AI", "OICI");
    assert_eq!(folder, "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;BA)");
}
