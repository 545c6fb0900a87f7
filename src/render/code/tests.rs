use super::*;

fn refused(text: &str) -> String {
    refusal(text).map_or_else(|| "taken".to_owned(), |(message, _)| message)
}

#[test]
fn expressions_that_could_double_a_text_repeatedly_are_refused() {
    for (text, statement) in [
        ("{% set a = a ~ a %}", "set"),
        ("{%- set a %}{{ a }}{{ a }}{% endset %}", "set"),
        ("{% with a = a ~ a %}{% endwith %}", "with"),
        ("{%+filter upper %}", "filter"),
        ("{% raw %}{% endraw %}", "raw"),
        ("{{ '%}' }}{% set a = 1 %}", "set"),
        ("{# %} #}{% do a %}", "do"),
    ] {
        let expected = format!("the statement `{statement}` is not available in templates");
        assert_eq!(refused(text), expected, "{text}");
    }
    let times = "`*` is not available in templates";
    for text in ["{{ 'x' * 99999999 }}", "{% if 'x' * 9 %}", "{{ a ** 9 }}"] {
        assert_eq!(refused(text), times, "{text}");
    }
    let joined = "a `for` cannot loop over joined texts";
    assert_eq!(refused("{% for a in [a ~ a] %}{% endfor %}"), joined);
    assert_eq!(refused("{%- for a in [a + a] -%}{% endfor %}"), joined);
    let many = format!("{{{{ a{} }}}}", " ~ a".repeat(65));
    assert_eq!(refused(&many), "the string joins texts more than 64 times");
    assert_eq!(refused(&"x".repeat(20_000)), "the string is longer than 16 KiB");
    assert!(expression_refusal("'a' * 9").is_some() && expression_refusal("a % 9").is_none());
}

#[test]
fn expressions_that_cards_need_are_accepted() {
    for text in [
        "**{{ title }}** 100 % { * } {% if count > 1 %}{{ count ~ 'x' }}{% else %}-{%- endif -%}",
        "{% for line in excerpt %}{{ line.text + '*' }}{% endfor %}",
        "{{ 'set % * ~' }}{{ \"it's 100 %\" }}{# set * #}",
        "{%- if a -%}{%- endif -%}",
        "{{-a-}}",
        "{% for line in excerpt %}{% if loop.index % 2 == 0 %}·{% endif %}{% endfor %}",
    ] {
        assert_eq!(refused(text), "taken", "{text}");
    }
    assert_eq!(expression_refusal("count > 1 and '50 %' in text"), None);
}
