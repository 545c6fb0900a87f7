//! The contrast of every text on every card, in Teams' light, dark and high-contrast colors.

use super::states::{STATES, in_state};
use super::*;

/// What WCAG asks of text.
const LEAST: f64 = 4.5;

/// Background, text, and subtle text of a style of containers, as Teams' host configurations have
/// them, and for high contrast Fluent's theme for Teams (`teamsHighContrastTheme`). Other colors of
/// text are not allowed at all: Attention has 2.84 on dark.
type Style = (&'static str, [&'static str; 3]);
const THEMES: [(&str, [Style; 6]); 3] = [
    (
        "light",
        [
            ("default", ["#ffffff", "#ff252424", "#bf252424"]),
            ("emphasis", ["#f9f8f7", "#ff252424", "#bf252424"]),
            ("accent", ["#C7DEF9", "#ff252424", "#bf252424"]),
            ("good", ["#CCFFCC", "#ff252424", "#bf252424"]),
            ("attention", ["#FFC5B2", "#ff252424", "#bf252424"]),
            ("warning", ["#FFE2B2", "#ff252424", "#bf252424"]),
        ],
    ),
    (
        "dark",
        [
            ("default", ["#2d2c2c", "#ffffffff", "#bfffffff"]),
            ("emphasis", ["#292828", "#ffffffff", "#bfffffff"]),
            ("accent", ["#C7DEF9", "#ff201f1f", "#ff2d2c2c"]),
            ("good", ["#CCFFCC", "#ff201f1f", "#ff2d2c2c"]),
            ("attention", ["#FFC5B2", "#ff201f1f", "#ff2d2c2c"]),
            ("warning", ["#FFE2B2", "#ff201f1f", "#ff2d2c2c"]),
        ],
    ),
    (
        "high contrast",
        [
            ("default", ["#000000", "#ffffffff", "#ffffffff"]),
            ("emphasis", ["#000000", "#ffffffff", "#ffffffff"]),
            ("accent", ["#000000", "#ffffffff", "#ffffffff"]),
            ("good", ["#000000", "#ffffffff", "#ffffffff"]),
            ("attention", ["#000000", "#ffffffff", "#ffffffff"]),
            ("warning", ["#000000", "#ffffffff", "#ffffffff"]),
        ],
    ),
];

/// Red, green, blue and opacity of `#rrggbb` or `#aarrggbb`.
fn channels(color: &str) -> [f64; 4] {
    let digits = color.trim_start_matches('#');
    let digits = if digits.len() == 6 { format!("ff{digits}") } else { digits.to_owned() };
    let part = |at: usize| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
    [part(2), part(4), part(6), part(0)]
}

fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    let linear = |part: f64| {
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn contrast(text: &str, behind: &str) -> f64 {
    let ([r, g, b, opacity], [br, bg, bb, _]) = (channels(text), channels(behind));
    let mixed = |over: f64, under: f64| over * opacity + under * (1.0 - opacity);
    let text = luminance([mixed(r, br), mixed(g, bg), mixed(b, bb)]);
    let behind = luminance([br, bg, bb]);
    (text.max(behind) + 0.05) / (text.min(behind) + 0.05)
}

/// Every text with the style of the container around it.
fn texts(value: &Value, style: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| texts(value, style, found)),
        Value::Object(members) => {
            let own = members.get("style").and_then(Value::as_str);
            let style = own.filter(|_| value["type"] != "Image").unwrap_or(style);
            if matches!(value["type"].as_str(), Some("TextRun" | "TextBlock")) {
                found.push((style.to_owned(), value.clone()));
            }
            members.values().for_each(|value| texts(value, style, found));
        }
        _ => {}
    }
}

fn check(name: &str, payload: &str) {
    let mut found = Vec::new();
    texts(&content(payload), "default", &mut found);
    assert!(!found.is_empty(), "{name}");
    for (style, text) in found {
        let color = text["color"].as_str().unwrap_or("Default");
        assert_eq!(color, "Default", "{name}: {text}");
        for (theme, styles) in THEMES {
            let (_, [behind, plain, subtle]) = styles.iter().find(|(it, _)| *it == style).unwrap();
            let front = if text["isSubtle"] == Value::Bool(true) { subtle } else { plain };
            let ratio = contrast(front, behind);
            assert!(ratio >= LEAST, "{name}: {theme} {style}: {ratio:.2}: {text}");
        }
    }
}

#[test]
fn every_text_of_every_card_can_be_read_in_light_dark_and_high_contrast() {
    for kind in KINDS.map(|(_, kind)| kind) {
        for state in STATES {
            let card = renderer().card(&in_state(kind, state), &site(), ChannelKind::Teams);
            check(&format!("{kind:?} {state:?}"), &card.payload);
            check(&format!("{kind:?} {state:?} plain"), &card.plain);
            check(&format!("{kind:?} {state:?} again"), &message(&card.payload, true));
            let waiting = card.waiting(&site(), at("2026-11-23T08:00:00Z"));
            check(&format!("{kind:?} {state:?} waiting"), &waiting.payload);
        }
    }
    let now = at("2026-11-23T08:00:00Z");
    check("test", &renderer().test_card(&site(), now, "ops").payload);
    let digest = digests::of_causes(&[(Severity::Warning, "x", 3), (Severity::Error, "y", 200)]);
    check("digest", &renderer().digest_card(&site(), &digest, ChannelKind::Teams).payload);
    check("emergency", &footman::render::emergency_card(&site(), now, "no space").payload);
}

#[test]
fn the_contrast_is_computed_as_wcag_does() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    // The red that cards had before, in light and dark.
    assert!(contrast("#c4314b", "#FFC5B2") < LEAST);
    assert!(contrast("#ffd74654", "#2d2c2c") < LEAST);
}
