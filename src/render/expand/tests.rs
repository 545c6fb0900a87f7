use serde_json::json;

use super::*;

fn filled(template: &Value) -> Result<Value, TemplateFault> {
    let vars = json!({
        "name": "Bob's \"Q1\" {{ 1 }}", "count": 3, "none": null,
        "lines": [{ "text": "a", "marked": true }, { "text": "b", "marked": false }],
    });
    expand(&environment(), template, &var(vars))
}

#[test]
fn values_cannot_become_json_or_templates() {
    let card = filled(&json!({ "text": "<{{ name }}>" })).unwrap();
    assert_eq!(card, json!({ "text": "<Bob's \"Q1\" {{ 1 }}>" }));
}

#[test]
fn when_removes_objects_from_lists_and_members() {
    let template = json!({
        "list": [{ "$when": "none", "a": 1 }, { "$when": "count > 2", "b": 2 }],
        "member": { "$when": "not count" },
    });
    assert_eq!(filled(&template).unwrap(), json!({ "list": [{ "b": 2 }] }));
}

#[test]
fn data_repeats_an_object_with_its_fields_in_scope() {
    let template = json!([{ "$data": "lines", "$when": "marked or index == 1", "t": "{{ index }}{{ text }}{{ item.text }}{{ count }}" }]);
    assert_eq!(filled(&template).unwrap(), json!([{ "t": "0aa3" }, { "t": "1bb3" }]));
    let none = json!([{ "$data": "none", "t": "x" }]);
    assert_eq!(filled(&none).unwrap(), json!([]));
}

#[test]
fn data_may_be_a_list_written_in_place() {
    let template = json!([{ "$data": [{ "$when": "none", "k": "x" }, { "k": "{{ count }}" }], "t": "{{ k }}" }]);
    assert_eq!(filled(&template).unwrap(), json!([{ "t": "3" }]));
}

#[test]
fn value_keeps_the_type_and_other_strings_stay_strings() {
    let template = json!({
        "number": { "$value": "count" }, "bool": { "$value": "count == 3" },
        "gone": { "$value": "none" }, "text": "{{ count }}", "empty": "{{ none }}",
    });
    let card = json!({ "number": 3, "bool": true, "text": "3", "empty": "" });
    assert_eq!(filled(&template).unwrap(), card);
}

#[test]
fn faults_name_their_place() {
    let unknown = filled(&json!({ "a": [{ "t": "{{ nmae }}" }] })).unwrap_err();
    assert_eq!(unknown.pointer, "/a/0/t");
    assert!(unknown.message.starts_with("unknown variable"), "{}", unknown.message);
    let when = filled(&json!({ "a": { "$when": "nmae" } })).unwrap_err();
    assert_eq!((when.pointer.as_str(), when.message.as_str()), ("/a/$when", "`nmae` is not known"));
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let turns = "{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}";
    let fault = filled(&json!({ "t": turns })).unwrap_err();
    assert_eq!(fault.message, "the expression runs too long");
    assert!(fault.hint.is_some());
}

#[test]
fn a_bare_name_is_what_the_same_expression_is() {
    let fill = |text: &str| filled(&json!({ "t": text })).map_err(|fault| fault.message);
    for name in ["name", "count", "none", "lines", "lines.x", "nothing", "name.x", "not", "true"] {
        let (bare, compiled) =
            (fill(&format!("{{{{ {name} }}}}")), fill(&format!("{{{{ ({name}) }}}}")));
        assert_eq!(bare.is_ok(), compiled.is_ok(), "{name}");
        if bare.is_ok() {
            assert_eq!(bare, compiled, "{name}");
        }
        let when = |text: &str| filled(&json!({ "a": { "$when": text, "b": 1 } })).ok();
        assert_eq!(when(name), when(&format!("({name})")), "{name}");
    }
}
