use super::*;

#[test]
fn the_new_value_is_found_behind_the_verb_of_a_change() {
    let found = |clause: &'static str| new_value(clause).map(|new| &clause[new.at..]);
    assert_eq!(found("has been changed to x1"), Some("x1"));
    assert_eq!(found("a été changé en x1"), Some("x1"));
    assert_eq!(found("wurde auf x1 geändert."), Some("x1 geändert."));
    assert_eq!(found("fue cambiada a x1"), Some("x1"));
    for clause in ["wurde auf Wunsch von anna geändert", "was changed", "to x1", "wurde auf", ""] {
        assert_eq!(found(clause), None, "{clause}");
    }
}
