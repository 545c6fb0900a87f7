use super::*;

fn place(folder: &str, option: &'static str, is_standard: bool) -> AccountPlace {
    AccountPlace { folder: PathBuf::from(folder), option, is_standard }
}

#[test]
fn all_places_that_this_account_may_not_write_are_named_at_once() {
    let config = place("/etc/footman", "--config FILE", true);
    let state = place("/var/lib/footman", "--state-dir DIR", true);
    let log = place("/var/log/footman", "--state-dir DIR", true);
    let NoPlan { why, hint } = in_words(&[&config, &state, &log]).unwrap();
    assert_eq!(why, "this account may not write /etc/footman, /var/lib/footman, /var/log/footman");
    let who =
        if cfg!(windows) { "run this in an administrator's console" } else { "run this as root" };
    let rest = "or name places of your own with --config FILE and --state-dir DIR";
    assert_eq!(hint, format!("{who}, {rest}"));
    let NoPlan { hint, .. } = in_words(&[&state, &log]).unwrap();
    assert!(hint.ends_with("with --state-dir DIR"), "{hint}");
}

#[test]
fn a_chosen_folder_alone_is_left_to_its_own_problem() {
    assert_eq!(in_words(&[]), None);
    assert_eq!(in_words(&[&place("/srv/state", "--state-dir DIR", false)]), None);
}
