//! Pure. Loosens a regex without required text, so that it can be searched for in whole blocks.
//!
//! Wherever the regex matches in a cell, the loose one matches in the bytes of its record: a cell
//! begins and ends anywhere, its quotes are written twice, and characters beyond ASCII are any bytes.

use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// A regex that matches fewer bytes than this matches in nearly every line.
const SHORTEST: usize = 3;

/// The loose form of a regex; `None` if it would match in nearly every line.
pub fn loosened(regex: &str) -> Option<Hir> {
    let hir = loose(&regex_syntax::Parser::new().parse(regex).ok()?);
    hir.properties().minimum_len().is_some_and(|len| len >= SHORTEST).then_some(hir)
}

fn loose(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(literal) => {
            Hir::concat(literal.0.iter().map(|byte| of_byte(*byte)).collect())
        }
        HirKind::Class(class) => of_class(class),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(grouped(loose(&repetition.sub)));
            Hir::repetition(Repetition { sub, ..repetition.clone() })
        }
        HirKind::Capture(Capture { sub, .. }) => loose(sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(loose).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(loose).collect()),
    }
}

/// A byte of a literal. A character beyond ASCII may also be written as fewer, invalid bytes.
fn of_byte(byte: u8) -> Hir {
    match byte {
        b'"' => of_bytes(ClassBytes::new([ClassBytesRange::new(b'"', b'"')])),
        0x80.. => repeated(beyond_ascii(), 0, None),
        byte => Hir::literal([byte]),
    }
}

fn of_class(class: &Class) -> Hir {
    let mut bytes = ClassBytes::empty();
    let mut is_beyond = false;
    let mut add = |start: u32, end: u32| {
        is_beyond |= end > 0x7f;
        if let Ok(start @ ..0x80) = u8::try_from(start) {
            let end = u8::try_from(end).unwrap_or(0x7f).min(0x7f);
            bytes.push(ClassBytesRange::new(start, end));
        }
    };
    match class {
        Class::Unicode(class) => {
            class.ranges().iter().for_each(|it| add(it.start().into(), it.end().into()));
        }
        Class::Bytes(class) => {
            class.ranges().iter().for_each(|it| add(it.start().into(), it.end().into()));
        }
    }
    let beyond = is_beyond.then(|| repeated(beyond_ascii(), 1, Some(4)));
    let ascii = (!bytes.ranges().is_empty()).then(|| of_bytes(bytes));
    Hir::alternation(ascii.into_iter().chain(beyond).collect())
}

/// One of these bytes; a quote may be followed by its double.
fn of_bytes(bytes: ClassBytes) -> Hir {
    let has_quote = bytes.ranges().iter().any(|it| (it.start()..=it.end()).contains(&b'"'));
    let class = Hir::class(Class::Bytes(bytes));
    if !has_quote {
        return class;
    }
    Hir::concat(vec![class, repeated(Hir::literal(*b"\""), 0, Some(1))])
}

/// As text, a repetition of a repetition would be a lazy one.
fn grouped(hir: Hir) -> Hir {
    match hir.kind() {
        HirKind::Repetition(_) => {
            Hir::capture(Capture { index: 1, name: None, sub: Box::new(hir) })
        }
        _ => hir,
    }
}

fn beyond_ascii() -> Hir {
    Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(0x80, 0xff)])))
}

fn repeated(sub: Hir, min: u32, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(sub) })
}

#[cfg(test)]
mod tests;
