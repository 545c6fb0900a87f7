use super::*;

#[test]
fn assignments_are_read_as_systemd_reads_them() {
    let text = "# a comment\n; another\nHOOK=https://h/?sig=a&b=c\n  QUOTED = \"x y\" \nSINGLE='z'\nodd\nEMPTY=\n";
    let expected =
        [("HOOK", "https://h/?sig=a&b=c"), ("QUOTED", "x y"), ("SINGLE", "z"), ("EMPTY", "")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(variables(text), expected);
}
