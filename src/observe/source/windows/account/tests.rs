//! Queries the machine that runs the test.

use super::account;

#[test]
fn the_system_account_has_a_name() {
    assert!(account("S-1-5-18").is_some_and(|name| name.contains('\\')));
}

#[test]
fn an_invalid_identifier_has_no_name() {
    let many = format!("S-1-5{}", "-1".repeat(16));
    for sid in ["", "S-1-", "S-1-5", "S-1-5-x", "S-2-5-18", "S-1-5-4294967296", &many] {
        assert_eq!(account(sid), None, "{sid}");
    }
}
