//! Pure. What the expressions in a template may do: nothing that lets a short text grow without end.
//!
//! The template engine bounds how long an expression runs, not how much memory it takes. Text that
//! is doubled and kept, again and again, would take all of it within a few steps.

/// Bytes of one string of a template.
const LONGEST: usize = 16 << 10;
/// How often one string may join texts.
const JOINS: usize = 64;
/// Statements that keep nothing.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
/// Filters that make a text as long as they are told to, or a list of its letters.
pub(crate) const LEFT_OUT: [&str; 10] = [
    "batch", "center", "format", "indent", "join", "list", "pprint", "replace", "slice", "wordwrap",
];

/// What is wrong, and what to do.
pub(crate) type Refusal = (String, &'static str);

/// Refuses a string with expressions that could take memory without end.
pub(crate) fn refusal(text: &str) -> Option<Refusal> {
    let long = too_long(text);
    long.or_else(|| tags(text).iter().find_map(|tag| of_tag(tag))).or_else(|| {
        let joins = tags(text).iter().map(|tag| joins(tag)).sum();
        too_many(joins)
    })
}

/// The same for the text of an expression.
pub(crate) fn expression_refusal(text: &str) -> Option<Refusal> {
    let code = without_literals(text);
    too_long(text).or_else(|| multiplied(&code)).or_else(|| too_many(joins(&code)))
}

fn too_long(text: &str) -> Option<Refusal> {
    (text.len() > LONGEST).then(|| {
        let message = format!("the string is longer than {} KiB", LONGEST >> 10);
        (message, "a whole card has 28 KB at most")
    })
}

fn too_many(joins: usize) -> Option<Refusal> {
    (joins > JOINS).then(|| {
        let message = format!("the string joins texts more than {JOINS} times");
        (message, "write the parts one after the other, without `~` and `+`")
    })
}

fn of_tag(tag: &str) -> Option<Refusal> {
    let Some(statement) = tag.strip_prefix('%') else { return multiplied(tag) };
    let statement = statement.trim_start_matches(['-', '+']).trim_start();
    let end = statement.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &statement[..end.unwrap_or(statement.len())];
    if !STATEMENTS.contains(&name) {
        let message = format!("the statement `{name}` is not available in templates");
        return Some((
            message,
            "use `if` and `for`; repeat and leave out objects with `$data` and `$when`",
        ));
    }
    // What a loop runs over has a name then: joined there and joined again inside, it would grow.
    if name == "for" && joins(tag) > 0 {
        let message = "a `for` cannot run over joined texts".to_owned();
        return Some((message, "run over a variable, and join inside of the loop"));
    }
    multiplied(statement)
}

/// `"x" * 9999999` is a text of that length.
fn multiplied(code: &str) -> Option<Refusal> {
    code.contains('*').then(|| {
        let message = "`*` is not available in templates".to_owned();
        (message, "numbers and lengths of time come ready to be shown")
    })
}

fn joins(code: &str) -> usize {
    code.matches(['~', '+']).count()
}

/// The insides of `{{ … }}` and `{% … %}`, without their literal texts; those of `{% … %}` begin
/// with `%`. What is not closed goes on to the end.
fn tags(text: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        let close = match rest.as_bytes().first() {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => {
                rest = rest.find("#}").map_or("", |end| &rest[end + 2..]);
                continue;
            }
            _ => continue,
        };
        let code = without_literals(&rest[1..]);
        let end = code.find(close).unwrap_or(code.len());
        let mark = if close == "%}" { "%" } else { "" };
        tags.push(format!("{mark}{}", &code[..end]));
        rest = &rest[1 + end..];
    }
    tags
}

/// The code with blanks, byte for byte, in the place of literal texts.
fn without_literals(code: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    let blank = |c: char| " ".repeat(c.len_utf8());
    code.chars()
        .map(|c| match quote {
            Some(_) if escaped => {
                escaped = false;
                blank(c)
            }
            Some(mark) => {
                escaped = c == '\\';
                if c == mark {
                    quote = None;
                }
                blank(c)
            }
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                blank(c)
            }
            None => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
