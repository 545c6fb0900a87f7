use super::*;

#[test]
fn a_hint_repeats_the_options_that_were_given() {
    let options = " --config my.toml";
    let hint = "see `footman check`, then `footman test-send ops`; not `footman demo` or `footman`";
    let expected = "see `footman check --config my.toml`, then `footman test-send ops --config my.toml`; \
                    not `footman demo` or `footman`";
    assert_eq!(with_options(hint, options), expected);
    assert_eq!(with_options(hint, ""), hint);
}

#[test]
fn errors_that_the_user_can_fix_have_a_hint_and_internal_ones_have_none() {
    let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
    let path = || std::path::PathBuf::from("x");
    let errors: Vec<anyhow::Error> = vec![
        Refused::new("no", "do").into(),
        denied().into(),
        anyhow::Error::from(denied()).context("writing x"),
        state::Error::InUse { path: path(), process: None }.into(),
        anyhow::Error::from(state::Error::Missing { path: path() }).context("reading x"),
        state::Error::DiskFull { path: path(), what: "open the state" }.into(),
        files::Error::NotAFile { path: path() }.into(),
    ];
    for error in errors {
        assert!(remedy(&error).is_some_and(|hint| !hint.is_empty()), "{error:#}");
    }
    assert_eq!(remedy(&anyhow::anyhow!("the reader panicked")), None);
    assert_eq!(remedy(&io::Error::other("odd").into()), None);
}
