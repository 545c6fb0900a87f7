use crate::cli::service::Hindrance;
use crate::cli::service::unsupported::without_unit;

#[test]
fn a_service_is_recommended_only_where_this_account_can_install_one() {
    assert!(without_unit(None).contains(": `footman setup --service=yes` installs"));
    assert!(without_unit(Some(Hindrance::NotRoot)).contains("as root, `footman setup --service"));
    let without = without_unit(Some(Hindrance::NoSystemd));
    assert!(without.contains("systemd does not run") && !without.contains("--service"));
}
