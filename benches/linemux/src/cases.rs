//! I/O. The faults: what is done to the logs, and which lines a reader must then have, once each.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::readers::Reader;

pub struct Case {
    pub name: &'static str,
    /// Whether Footman's documents allow lines to be reported twice here.
    pub may_double: bool,
    /// How often it is done.
    pub rounds: usize,
    /// Makes what is there before reading begins.
    pub before: fn(&Path),
    /// Returns all lines that were written, from the beginning.
    pub act: fn(&Path, &Reader, usize) -> Vec<String>,
}

pub const CASES: &[Case] = &[
    Case {
        name: "lines are written",
        may_double: false,
        rounds: 500,
        before: one_line,
        act: write_lines,
    },
    Case {
        name: "a line comes in two writes",
        may_double: false,
        rounds: 20,
        before: one_line,
        act: write_halves,
    },
    Case {
        name: "a line has a byte that is not UTF-8",
        may_double: false,
        rounds: 5,
        before: one_line,
        act: write_latin,
    },
    Case {
        name: "rename and a new file, every 20 ms",
        may_double: false,
        rounds: 100,
        before: one_line,
        act: rotate,
    },
    Case {
        name: "a late line to the renamed file",
        may_double: false,
        rounds: 10,
        before: one_line,
        act: write_late,
    },
    Case {
        name: "truncated and written larger at once",
        may_double: false,
        rounds: 20,
        before: one_line,
        act: rewrite_larger,
    },
    Case {
        name: "rewritten to the same size",
        may_double: false,
        rounds: 20,
        before: one_line,
        act: rewrite_same_size,
    },
    Case {
        name: "copied and truncated, every 20 ms",
        may_double: true,
        rounds: 100,
        before: one_line,
        act: copy_truncate,
    },
    Case {
        name: "a file is moved to the followed name",
        may_double: false,
        rounds: 5,
        before: nothing,
        act: move_into_place,
    },
    Case {
        name: "deleted and made again at once",
        may_double: false,
        rounds: 20,
        before: one_line,
        act: delete_and_make,
    },
    Case {
        name: "the folder is removed and made again",
        may_double: false,
        rounds: 1,
        before: one_line,
        act: remove_folder,
    },
];

fn nothing(_: &Path) {}

fn one_line(logs: &Path) {
    fs::write(logs.join("a.log"), "the first line\n").expect("a log");
}

fn first() -> Vec<String> {
    vec!["the first line".to_owned()]
}

fn append(path: &Path, text: impl AsRef<[u8]>) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_ref())).expect("a write");
}

/// So many lines, numbered within a round.
fn lines(round: usize, n: usize) -> Vec<String> {
    (0..n).map(|line| format!("round {round:04} line {line:04}")).collect()
}

fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn pause() {
    sleep(Duration::from_millis(20));
}

fn write_lines(logs: &Path, _: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        let new = lines(round, 5);
        append(&logs.join("a.log"), text(&new));
        written.extend(new);
    }
    written
}

fn write_halves(logs: &Path, _: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        append(&logs.join("a.log"), format!("half {round} and "));
        pause();
        append(&logs.join("a.log"), "half\n");
        pause();
        written.push(format!("half {round} and half"));
    }
    written
}

fn write_latin(logs: &Path, _: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        append(
            &logs.join("a.log"),
            [format!("ERROR {round} Gesch").as_bytes(), b"\xE4ft\n"].concat(),
        );
        pause();
        written.push(format!("ERROR {round} Gesch\u{fffd}ft"));
    }
    written
}

fn rotate(logs: &Path, _: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        let new = lines(round, 50);
        append(&logs.join("a.log"), text(&new));
        written.extend(new);
        fs::rename(logs.join("a.log"), logs.join(format!("a_{round}.log"))).expect("a rename");
        pause();
    }
    written
}

fn write_late(logs: &Path, reader: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        let new = lines(round, 3);
        append(&logs.join("a.log"), format!("{}\n", new[0]));
        let rolled = logs.join(format!("a_{round}.log"));
        fs::rename(logs.join("a.log"), &rolled).expect("a rename");
        append(&logs.join("a.log"), format!("{}\n", new[1]));
        append(&rolled, format!("{}\n", new[2]));
        written.extend(new);
        reader.wait_until_quiet();
    }
    written
}

fn rewrite_larger(logs: &Path, reader: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        let new = lines(round, round + 2);
        fs::write(logs.join("a.log"), text(&new)).expect("a rewrite");
        written.extend(new);
        reader.wait_until_quiet();
    }
    written
}

fn rewrite_same_size(logs: &Path, reader: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        let new = lines(round, 5);
        fs::write(logs.join("a.log"), text(&new)).expect("a rewrite");
        written.extend(new);
        reader.wait_until_quiet();
    }
    written
}

fn copy_truncate(logs: &Path, _: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        let new = lines(round, 5);
        append(&logs.join("a.log"), text(&new));
        written.extend(new);
        pause();
        fs::copy(logs.join("a.log"), logs.join(format!("a_{round}.log"))).expect("a copy");
        File::create(logs.join("a.log")).expect("the log");
    }
    written
}

fn move_into_place(logs: &Path, reader: &Reader, rounds: usize) -> Vec<String> {
    let mut written = Vec::new();
    for round in 0..rounds {
        let new = lines(round, 2);
        fs::write(logs.join("new"), text(&new)).expect("a file");
        fs::rename(logs.join("new"), logs.join("a.log")).expect("a rename");
        written.extend(new);
        reader.wait_until_quiet();
    }
    written
}

fn delete_and_make(logs: &Path, reader: &Reader, rounds: usize) -> Vec<String> {
    let mut written = first();
    for round in 0..rounds {
        fs::remove_file(logs.join("a.log")).expect("the log");
        let new = lines(round, 2);
        append(&logs.join("a.log"), text(&new));
        written.extend(new);
        reader.wait_until_quiet();
    }
    written
}

fn remove_folder(logs: &Path, reader: &Reader, _: usize) -> Vec<String> {
    let mut written = first();
    fs::remove_dir_all(logs).expect("the folder");
    reader.wait_until_quiet();
    fs::create_dir(logs).expect("the folder");
    let new = lines(0, 2);
    append(&logs.join("a.log"), text(&new));
    written.extend(new);
    written
}
