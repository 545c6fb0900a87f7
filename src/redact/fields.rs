//! Pure. The fields of the `LOAD` before an inline table, which name its columns.

use crate::redact::columns::{SecretColumns, is_secret};

/// How far back the `LOAD` is searched, in bytes.
const BACK: usize = 1000;

/// The secret ones among the fields of a `LOAD`.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// `@2 as password`: the columns, counted from zero.
    numbered: Vec<usize>,
    /// `LOAD user, pwd`: their places in the list.
    places: Vec<usize>,
    /// `c2 as password`: their names in the header.
    names: Vec<String>,
}

impl Fields {
    /// The fields of the last `LOAD` before a place.
    pub(crate) fn before(text: &str, at: usize) -> Self {
        let before = &text[text.ceil_char_boundary(at.saturating_sub(BACK))..at];
        let mut fields = Self::default();
        let lower = before.to_ascii_lowercase();
        let Some(load) = lower.rfind("load ").max(lower.rfind("load\n")) else { return fields };
        let list = &before[load + "load ".len()..];
        let list = &list[..list.len().saturating_sub("inline".len())];
        for (place, field) in list.split(',').enumerate() {
            let field = field.trim();
            let lower = field.to_ascii_lowercase().replace(['\t', '\n', '\r'], " ");
            let Some(alias) = lower.find(" as ") else {
                if is_secret(field) {
                    fields.places.push(place);
                }
                continue;
            };
            let (source, name) = (field[..alias].trim(), field[alias + " as ".len()..].trim());
            if !is_secret(name) {
                continue;
            }
            match source.strip_prefix('@').map(str::parse::<usize>) {
                Some(Ok(number)) if number > 0 => fields.numbered.push(number - 1),
                _ => fields.names.push(without_quotes(source).to_lowercase()),
            }
        }
        fields
    }

    /// The secret columns of a header.
    pub(crate) fn columns(&self, header: &[&str]) -> SecretColumns {
        let is_numbered = header.iter().all(|cell| cell.trim().starts_with('@'));
        SecretColumns::of(header, |at, cell| {
            self.numbered.contains(&at)
                || is_numbered && self.places.contains(&at)
                || self.names.contains(&without_quotes(cell).to_lowercase())
        })
    }
}

fn without_quotes(name: &str) -> &str {
    name.trim().trim_matches(['[', ']', '"', '\''])
}
