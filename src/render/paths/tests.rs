use super::*;

fn bare(text: &str) -> String {
    text.replace(BREAK, "")
}

#[test]
fn a_short_path_is_whole_and_may_be_broken_between_its_parts() {
    let path = r"C:\Logs\Script\a.log";
    assert_eq!(bare(&short(path)), path);
    assert_eq!(short(path), "C:\\\u{200B}Logs\\\u{200B}Script\\\u{200B}a.log");
}

#[test]
fn a_long_path_keeps_its_begin_its_folder_and_its_file() {
    let name = "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.2016_12_15_16_03_42.ECD010F8AE5847FFC93B.log";
    assert_eq!(
        bare(&short(&format!(r"\\qlik-prod-1\QlikShare\ArchivedLogs\node\Script\{name}"))),
        r"\\qlik-prod-1\QlikShare\…\Script\7ffc01c2…_03_42.ECD010F8AE5847FFC93B.log"
    );
    assert_eq!(
        bare(&short(&format!(r"C:\ProgramData\Qlik\Sense\Log\Script\{name}"))),
        r"C:\ProgramData\…\Script\7ffc01c2…_03_42.ECD010F8AE5847FFC93B.log"
    );
    assert_eq!(
        bare(&short(&format!("/mnt/qlik/Sense/Log/Script/{name}"))),
        "/mnt/…/Script/7ffc01c2…_03_42.ECD010F8AE5847FFC93B.log"
    );
}

#[test]
fn any_text_gives_a_path_of_bounded_length() {
    for text in ["", "\\", "x", &"x".repeat(5000), &r"a\".repeat(3000), &"日本/".repeat(900)] {
        assert!(short(text).chars().count() <= 6 * LONG, "{text:.20}");
    }
}
