//! Pure. Refuses template expressions that could make a short text grow without bound.
//!
//! The template engine limits how long an expression runs, not how much memory it takes. Text that
//! is doubled again and again would exhaust the memory within a few steps.

/// The most bytes of one string in a template.
const LONGEST: usize = 16 << 10;
/// The most joins in one string.
const JOINS: usize = 64;
/// Statements that store no values.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
/// Filters that can create a text of any length, or a list of its letters.
pub(crate) const LEFT_OUT: [&str; 10] = [
    "batch", "center", "format", "indent", "join", "list", "pprint", "replace", "slice", "wordwrap",
];

/// A message and a hint.
pub(crate) type CodeRefusal = (String, &'static str);

/// Refuses a string whose expressions could take unbounded memory.
pub(crate) fn refusal(text: &str) -> Option<CodeRefusal> {
    let long = too_long(text);
    long.or_else(|| tags(text).iter().find_map(|tag| of_tag(tag))).or_else(|| {
        let joins = tags(text).iter().map(|tag| joins(tag)).sum();
        too_many(joins)
    })
}

/// The same for the text of an expression.
pub(crate) fn expression_refusal(text: &str) -> Option<CodeRefusal> {
    let code = without_literals(text);
    too_long(text).or_else(|| multiplied(&code)).or_else(|| too_many(joins(&code)))
}

fn too_long(text: &str) -> Option<CodeRefusal> {
    (text.len() > LONGEST).then(|| {
        let message = format!("the string is longer than {} KiB", LONGEST >> 10);
        (message, "a whole card has at most 28 KB")
    })
}

fn too_many(joins: usize) -> Option<CodeRefusal> {
    (joins > JOINS).then(|| {
        let message = format!("the string joins texts more than {JOINS} times");
        (message, "write the parts one after the other, without `~` and `+`")
    })
}

fn of_tag(tag: &str) -> Option<CodeRefusal> {
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
    // The loop variable would name the joined text, and joining it again inside would double it.
    if name == "for" && joins(tag) > 0 {
        let message = "a `for` cannot loop over joined texts".to_owned();
        return Some((message, "loop over a variable, and join inside the loop"));
    }
    multiplied(statement)
}

/// `"x" * 9999999` makes a text of that length.
fn multiplied(code: &str) -> Option<CodeRefusal> {
    code.contains('*').then(|| {
        let message = "`*` is not available in templates".to_owned();
        (message, "numbers and durations are already formatted")
    })
}

fn joins(code: &str) -> usize {
    code.matches(['~', '+']).count()
}

/// The contents of `{{ … }}` and `{% … %}`, without literal texts; those of `{% … %}` begin with
/// `%`. An unclosed tag extends to the end.
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

/// The code with literal texts replaced by blanks, byte for byte.
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
