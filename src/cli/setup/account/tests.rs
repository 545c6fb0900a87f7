use super::*;

#[test]
fn what_the_account_cannot_use_is_said_with_what_to_do() {
    let refused = Use::Execute.refused(Path::new("/opt/closed/footman"));
    assert_eq!(
        refused.why,
        "the account footman, as which the service runs, cannot run /opt/closed/footman"
    );
    let copy = "`install -m 755 /opt/closed/footman /usr/local/bin/footman`";
    assert!(refused.hint.contains(copy), "{}", refused.hint);
    for how in [Use::Read, Use::ReadLogs, Use::Write] {
        let refused = how.refused(Path::new("/srv/x"));
        assert!(refused.why.contains("/srv/x") && !refused.hint.is_empty(), "{refused:?}");
    }
}
