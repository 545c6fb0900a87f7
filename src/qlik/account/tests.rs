//! Accounts of people and of the system.

use super::person;

#[test]
fn an_account_of_the_system_is_no_person() {
    for account in [
        r"INTERNAL\sa_scheduler",
        r"internal\sa_api",
        "sa_repository",
        r"NT AUTHORITY\SYSTEM",
        r"NT-AUTORITÄT\SYSTEM",
        r"NT SERVICE\QlikSenseEngine",
        "SYSTEM",
        " ",
    ] {
        assert_eq!(person(account), None, "{account}");
    }
    for account in [r"LAB\anna", "anna.berg", r"EXAMPLE\sa_migration", r"INTERNALS\bo"] {
        assert_eq!(person(account), Some(account));
    }
}
