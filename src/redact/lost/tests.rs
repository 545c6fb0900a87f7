use super::*;

#[test]
fn each_letter_of_latin_script_is_lost() {
    for (word, expected) in [
        ("contraseña", Some("contrase\u{fffd}a")),
        ("clé secrète", Some("cl\u{fffd} secr\u{fffd}te")),
        ("password", None),
        ("пароль", None),
        ("é", None),
        ("lo\u{308}senord", None),
    ] {
        assert_eq!(form(word).as_deref(), expected, "{word}");
    }
    assert!(has(" leer ungültig falsch ", "ung\u{fffd}ltig"));
    assert!(!has(" leer ungültig falsch ", "leer"));
}
