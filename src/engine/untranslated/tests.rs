use jiff::tz::TimeZone;

use super::*;
use crate::config::FileOrigin;
use crate::detect::Pack;

fn noted(file: impl Into<FileOrigin>, german: &str, language: Language) -> Vec<String> {
    let text = format!(
        "[[error]]\nclass = 'own'\ntitle = 'x'\nadvice = 'x'\ntexts = ['x']\n\
         [[pattern]]\nid = 'quiet'\ntitle = 'x'\nmeaning = 'x'\nlog = 'System_Engine'\n\
         kind = 'service'\nseverity = 'info'\nwhen = {{ Message = 'x' }}\n\
         [[pattern]]\nid = 'mine'\ntitle = 'x'\nmeaning = 'x'\nadvice = 'x'\n\
         log = 'System_Engine'\nkind = 'service'\nseverity = 'error'\nwhen = {{ Message = 'x' }}\n\
         {german}"
    );
    let (detector, problems) =
        Detector::compile(&[Pack { file: file.into(), text }], TimeZone::UTC);
    assert_eq!(problems, []);
    notes(&detector, &[language].into())
}

#[test]
fn texts_that_are_missing_in_a_language_of_the_cards_are_noted() {
    insta::assert_snapshot!(
        noted("mine.toml", "[pattern.de]\nmeaning = 'x'\n", Language::German).join("\n"),
        @r"
    mine.toml:15: `mine` has no title, advice in [pattern.de]; cards in that language show the pack's own text
    mine.toml: the error class `own` has no title, advice in [error.de]; cards in that language show the pack's own text
    "
    );
    assert_eq!(noted("mine.toml", "", Language::English), Vec::<String>::new());
    assert_eq!(
        noted(FileOrigin::BuiltIn("mine.toml".to_owned()), "", Language::German),
        Vec::<String>::new()
    );
}
