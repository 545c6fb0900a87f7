//! Redaction: measures the time per megabyte, for plain script logs and for the most expensive
//! texts.
//!
//! `cargo bench --bench redact [-- --smoke]`. Every literal of the rules' source is repeated with
//! every separator, so that words that are added later are measured too.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use footman::redact::redact;
use support::smoke;

const MEGABYTE: usize = 1 << 20;
/// Separators between repetitions of a word.
const SEPARATORS: &[&str] = &[
    "",
    " ",
    "\n",
    "=",
    ": ",
    "=x ",
    ":\n",
    "\"",
    "' '",
    "\":\"",
    "&",
    ";",
    "-",
    "/",
    "@",
    ".",
    ",",
    "(",
    "<",
    "\\",
    "\t",
    " a1b2c3d4 ",
    "=a1b2c3d4;",
    " is ",
    " = 'x y' & ",
    " the ",
    "://a:b@",
    "[",
    "{",
    "|",
];

fn main() {
    let lines = if smoke() { 64 << 10 } else { MEGABYTE };
    let plain = script_log(lines);
    let per_megabyte = best(&plain, 5) / plain.len() as f64 * MEGABYTE as f64;
    println!("script log: {per_megabyte:.1} ms/MB");
    let (small, size) = if smoke() { (512, 4 << 10) } else { (2 << 10, 64 << 10) };
    let mut found: Vec<(f64, f64, String)> = Vec::new();
    let every = if smoke() { 50 } else { 1 };
    for word in words().into_iter().step_by(every) {
        for separator in SEPARATORS {
            let unit = format!("{word}{separator}");
            found.push((cost(&unit, small, 1), 0.0, unit));
        }
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    let n = found.len();
    found.truncate(100);
    for (short, long, unit) in &mut found {
        *short = cost(unit, size, 2);
        *long = cost(unit, 4 * size, 1);
    }
    found.sort_by(|one, other| other.1.total_cmp(&one.1));
    println!(
        "{n} repeated words; the slowest, ms/MB in {} KB and in four times as much:",
        size >> 10
    );
    for (short, long, unit) in found {
        println!("  {short:>8.1} {long:>8.1}  {:.1} of plain  {unit:?}", long / per_megabyte);
    }
}

/// Milliseconds per megabyte of the repeated text.
fn cost(unit: &str, size: usize, times: usize) -> f64 {
    let text = repeated(unit, size);
    best(&text, times) / text.len() as f64 * MEGABYTE as f64
}

fn best(text: &str, times: usize) -> f64 {
    let run = || {
        let start = Instant::now();
        black_box(redact(black_box(text)));
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..times).map(|_| run()).fold(f64::INFINITY, f64::min)
}

fn repeated(unit: &str, size: usize) -> String {
    unit.repeat(size.div_ceil(unit.len()))
}

/// The literals in the rules' source.
fn words() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/redact");
    let mut words = BTreeSet::new();
    let entries = fs::read_dir(folder).expect("the rules' sources");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    for file in paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs")) {
        let source = fs::read_to_string(file).expect("a source");
        for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let literals = line.split('"').skip(1).step_by(2);
            words.extend(literals.filter(|word| (2..40).contains(&word.len())).map(str::to_owned));
        }
    }
    words
}

/// A script log in Qlik Sense's format, of about this size.
fn script_log(size: usize) -> String {
    let mut text = String::with_capacity(size + 1024);
    let mut n = 0;
    while text.len() < size {
        n += 1;
        let stamp = format!("20261124T0315{:02}.{:03}+0100", n % 60, n % 1000);
        write!(
            text,
            "{stamp}      {n:04}  [Orders_{n}]:\n{stamp}      {:04}  LOAD OrderID, CustomerID as [%Key_Customer], \
             Date(OrderDate, 'YYYY-MM-DD') as OrderDate, Amount * (1 - Discount) as Net, ApplyMap('Country', CountryCode, 'n/a') as Country\n\
             {stamp}      {:04}  FROM [lib://DataFiles/Orders_{n}.qvd] (qvd) WHERE Exists(CustomerID) and Year(OrderDate) >= $(vYear);\n\
             {stamp}          12 fields found: OrderID, CustomerID, OrderDate, Amount, Discount, Region, Product, Channel, \n\
             {stamp}      1,{:03},{:03} lines fetched\n{stamp}      {:04}  LET vRows = NoOfRows('Orders_{n}');\n\
             {stamp}      {:04}  TRACE Loaded rows of table Orders_{n};\n{stamp}      {:04}  SQL SELECT \"ID\", \"NAME\", \"CITY\" FROM \"dbo\".\"CUSTOMERS\" WHERE \"ACTIVE\" = 1;\n",
            n + 1,
            n + 2,
            n % 1000,
            n % 777,
            n + 3,
            n + 4,
            n + 5
        )
        .expect("a string takes text");
    }
    text
}
