//! Pure. Finds values of a parsed table by their byte range, and removes them.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The keys that lead to the value at this byte range; list indexes are omitted.
pub(crate) fn path_to(table: &DeTable<'_>, span: &Range<usize>) -> Vec<String> {
    let holds = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    for (key, value) in table {
        // The span of a table with its own header covers only that header.
        let below = below(value.get_ref(), span);
        if value.span() == *span || !below.is_empty() || holds(value.span()) {
            let mut path = vec![key.get_ref().to_string()];
            if value.span() != *span {
                path.extend(below);
            }
            return path;
        }
    }
    Vec::new()
}

fn below(value: &DeValue<'_>, span: &Range<usize>) -> Vec<String> {
    match value {
        DeValue::Table(table) => path_to(table, span),
        DeValue::Array(list) => {
            let paths = list.iter().map(|one| below(one.get_ref(), span));
            paths.into_iter().find(|path| !path.is_empty()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Removes the values at this byte range. Returns whether there were any.
pub(crate) fn take_out(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let before = table.len();
    *table = std::mem::take(table).into_iter().filter(|(_, value)| value.span() != *span).collect();
    table.len() < before || table.iter_mut().any(|(_, value)| take_out_of(value.get_mut(), span))
}

fn take_out_of(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => take_out(table, span),
        DeValue::Array(list) => {
            let before = list.len();
            // `DeArray` is `Default` for `'static` only, so `mem::take` is not possible.
            *list = list.clone().into_iter().filter(|inner| inner.span() != *span).collect();
            list.len() < before || list.iter_mut().any(|inner| take_out_of(inner.get_mut(), span))
        }
        _ => false,
    }
}
