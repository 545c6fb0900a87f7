//! Pure. Builds HTML in which every text and every attribute value is escaped.

/// HTML under construction.
#[derive(Debug, Default)]
pub struct Html(String);

/// A tag that was opened and still takes attributes; `end` closes it.
#[must_use = "a tag without its `>` swallows what follows"]
pub struct Tag<'h>(&'h mut Html);

impl Html {
    /// Opens a tag. `name` and `classes` are constants, never text of a card.
    pub fn open(&mut self, name: &'static str, classes: &[&str]) -> Tag<'_> {
        self.0.push('<');
        self.0.push_str(name);
        let classes: Vec<&str> =
            classes.iter().copied().filter(|class| !class.is_empty()).collect();
        let tag = Tag(self);
        if classes.is_empty() { tag } else { tag.attribute("class", &classes.join(" ")) }
    }

    /// Ends the element that was opened as `name`.
    pub fn close(&mut self, name: &'static str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// Adds escaped text.
    pub fn text(&mut self, text: &str) {
        escape_into(&mut self.0, text);
    }

    /// The finished HTML.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Tag<'_> {
    /// An attribute with its value, quoted.
    pub fn attribute(self, name: &'static str, value: &str) -> Self {
        self.0.0.push(' ');
        self.0.0.push_str(name);
        self.0.0.push_str("=\"");
        escape_into(&mut self.0.0, value);
        self.0.0.push('"');
        self
    }

    /// A link that opens in a new window without access to this page.
    pub fn link(self, url: &str) -> Self {
        self.attribute("href", url)
            .attribute("target", "_blank")
            .attribute("rel", "noopener noreferrer")
    }

    /// A boolean attribute.
    pub fn mark(self, name: &'static str, wanted: bool) -> Self {
        if wanted {
            self.0.0.push(' ');
            self.0.0.push_str(name);
        }
        self
    }

    /// The end of the opening tag.
    pub fn end(self) {
        self.0.0.push('>');
    }
}

/// The text with all special characters of HTML escaped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
