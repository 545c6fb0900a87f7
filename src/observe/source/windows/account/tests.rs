//! Asks the machine it runs on.

use super::account;

#[test]
fn the_account_of_the_system_has_a_name() {
    assert!(account("S-1-5-18").is_some_and(|name| name.contains('\\')));
}

#[test]
fn what_is_no_identifier_has_none() {
    let many = format!("S-1-5{}", "-1".repeat(16));
    for sid in ["", "S-1-", "S-1-5", "S-1-5-x", "S-2-5-18", "S-1-5-4294967296", &many] {
        assert_eq!(account(sid), None, "{sid}");
    }
}
