use super::*;

#[test]
fn a_column_may_have_a_name_of_several_words() {
    for name in ["mot de passe", "Mot de passe SAP", "CLÉ D’ACCÈS", "api schl\u{fffd}ssel"] {
        assert!(is_column(name), "{name}");
    }
    for name in ["mot de passe expiré", "date mot de passe", "mot de passer", "clé de tri"] {
        assert!(!is_column(name), "{name}");
    }
    assert_eq!(at_start("Mot de passe etl"), Some(12));
    assert_eq!(at_start("İİ"), None);
}
