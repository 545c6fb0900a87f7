//! Pure. A person whom a card mentions: `anna@example.com` or `Anna <anna@example.com>`.

/// Longer texts are not names of accounts; a user principal name has at most 113 characters.
const LONGEST_ID: usize = 113;
const LONGEST_NAME: usize = 40;

/// A person in Teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The text on the card. It has no character that a card would interpret.
    pub name: String,
    /// User principal name, or the object id of Microsoft Entra.
    pub id: String,
}

impl Mention {
    /// Message and hint do not repeat the text: they are logged, and names of accounts are not.
    pub fn parse(text: &str) -> Result<Self, (&'static str, &'static str)> {
        let text = text.trim();
        let (name, id) = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, id)) => (Some(name.trim()), id.trim()),
            None => (None, text),
        };
        if !is_account(id) && !is_object_id(id) {
            return Err(("this is not a person in Teams", FORM));
        }
        let name = match name {
            None if is_object_id(id) => id.to_owned(),
            None => shown(id.split('@').next().unwrap_or_default()),
            Some(name) if is_name(name) => name.to_owned(),
            Some(_) => return Err(("this name cannot be shown in a mention", NAME)),
        };
        Ok(Self { name, id: id.to_owned() })
    }
}

const FORM: &str = "write the address that the person signs in with, such as \"anna@example.com\" \
                    or \"Anna <anna@example.com>\", or an Entra object id";
const NAME: &str = "use at most 40 letters, digits, blanks and `.'-(),`";

/// The form of a user principal name. Guests have a `#` in it.
fn is_account(id: &str) -> bool {
    let is_odd =
        |c: char| c.is_whitespace() || c.is_control() || "<>\"&,;:/\\()[]{}|*?`".contains(c);
    let Some((local, domain)) = id.split_once('@') else { return false };
    let is_domain = domain.contains('.') && domain.split('.').all(|part| !part.is_empty());
    !local.is_empty()
        && is_domain
        && !domain.contains('@')
        && !id.contains(is_odd)
        && id.len() <= LONGEST_ID
}

fn is_object_id(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || " .'’-(),".contains(c);
    name.chars().any(char::is_alphanumeric)
        && name.chars().all(is_plain)
        && name.chars().count() <= LONGEST_NAME
}

/// The part of an account before the `@`, in characters of a name.
fn shown(local: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || ".-".contains(c) { c } else { ' ' };
    let plain: String = local.chars().map(plain).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = words.chars().take(LONGEST_NAME).collect();
    if is_name(&name) { name } else { "on call".to_owned() }
}

#[cfg(test)]
mod tests;
