//! Rows and script logs of one execution that are read late, each file by a delay of its own.

use crate::incident::tests::{play, play_with};

/// A task that fails or succeeds after retries, and how late its files are read, in seconds.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a case")]
struct Case {
    /// How long each attempt lasts.
    attempts: Vec<f64>,
    succeeds: bool,
    /// Between the end of an attempt and the start of the next.
    gap: f64,
    master: f64,
    worker: f64,
    scripts: f64,
    /// The row of the retry is the only sign of the next attempt.
    only_retries: bool,
    has_worker: bool,
    /// A person reloads the app during the second attempt; whether that succeeds.
    person: Option<bool>,
    /// The agent starts this long after the first attempt began.
    backlog: Option<f64>,
    /// Whether the lines of a script log are read as they are written, not at once.
    script_grows: bool,
    /// Whether the task has run before.
    is_known: bool,
}

const CAUSES: [&str; 4] = ["first", "second", "third", "fourth"];

impl Case {
    /// The lines of its story, in the order in which they are read.
    fn story(&self) -> String {
        let mut lines: Vec<(f64, f64, String)> = Vec::new();
        let of = "app=a task=t exec=1 user=INTERNAL\\sa_scheduler";
        let shift = self.backlog.unwrap_or(0.0);
        let mut add = |at: f64, late: f64, text: String| {
            let (at, read) = (
                at - shift,
                (at + late - shift).max(-1.0).max(if shift > 0.0 { 0.0 } else { -1.0 }),
            );
            lines.push((read, at, text.replace('@', &format!("{at:.3}"))));
        };
        let mut begins = 0.0;
        add(begins, self.master, format!("begun {of} at=@"));
        let mut second = (0.0, 1.0);
        for (number, seconds) in self.attempts.iter().enumerate() {
            let (ends, is_last) = (begins + seconds, number + 1 == self.attempts.len());
            if number == 1 {
                second = (begins, *seconds);
            }
            let is_good = is_last && self.succeeds;
            let role = if is_good { "script-ok" } else { "script" };
            let wait = if self.script_grows { self.scripts } else { self.scripts + seconds - 0.8 };
            add(begins + 0.5, wait, "begun app=a user=INTERNAL\\sa_scheduler at=@".to_owned());
            let cause = CAUSES[number];
            add(
                ends - 0.3,
                self.scripts,
                format!("{role} app=a by=INTERNAL\\sa_scheduler error={cause} ended=@"),
            );
            if !is_good && self.has_worker {
                add(ends - 0.2, self.worker, format!("attempt {of} at=@"));
                add(ends - 0.15, self.worker, format!("attempt {of} at=@"));
            }
            if !is_last {
                add(ends, self.master, format!("retry {of} at=@"));
                begins = ends + self.gap;
                if !self.only_retries {
                    add(begins, self.master, format!("begun {of} at=@"));
                }
            } else if is_good {
                add(ends, self.master, format!("success {of} at=@"));
            } else {
                add(ends, self.master, format!("attempt {of} final=120 at=@"));
                add(ends + 0.05, self.master, format!("verdict {of} at=@"));
                add(ends + 0.1, self.master, format!("verdict {of} at=@"));
            }
        }
        if let Some(succeeds) = self.person {
            let begins = second.0 + second.1 * 0.35;
            let role = if succeeds { "script-ok" } else { "script" };
            add(begins, self.scripts + 6.0, "begun app=a user=EX\\anna at=@".to_owned());
            add(
                begins + 6.0,
                self.scripts,
                format!("{role} app=a by=EX\\anna error=person ended=@"),
            );
        }
        if self.is_known {
            lines.push((-2.0, -4_000.0, "success app=a task=t exec=0 at=-4000".to_owned()));
        }
        lines.sort_by(|one, other| one.0.total_cmp(&other.0));
        let lines: Vec<_> =
            lines.into_iter().map(|(read, _, text)| format!("{read:.3} {text}")).collect();
        lines.join("\n")
    }

    /// Whether it is known in time of each script log that it is one of several attempts, and which is
    /// the last one.
    fn is_knowable(&self) -> bool {
        let wait = if self.is_known { 119.0 } else { 14.0 };
        let mut begins = 0.0;
        self.attempts.iter().enumerate().all(|(number, seconds)| {
            let ends = begins + seconds;
            let floor = self.backlog.unwrap_or(-1.0);
            let read = |at: f64| at.max(floor);
            let due = read(ends + self.scripts) + wait;
            let next = if self.script_grows {
                read(ends + self.gap + 0.5 + self.scripts)
            } else {
                let next = self.attempts.get(number + 1).copied().unwrap_or(1e9);
                read(ends + self.gap + next + self.scripts)
            };
            let is_under_way = read(self.master) < due;
            let has_row = self.has_worker && read(ends + self.worker) < due;
            let is_retried = next < due;
            begins = ends + self.gap;
            is_under_way || has_row || is_retried
        })
    }

    /// What is wrong with the cards, and the transcript.
    fn problems(&self) -> (Vec<String>, String) {
        let transcript = play_with(&self.story(), 864_000.0, false, |_, _, decisions| decisions);
        let opened = transcript.lines().filter(|line| line.contains(" opened "));
        let causes: Vec<&str> =
            opened.filter_map(|line| Some(line.split_once("held back) ")?.1)).collect();
        let (people, task): (Vec<&str>, Vec<&str>) =
            causes.iter().partition(|cause| **cause == "person");
        let mut problems = Vec::new();
        let n = usize::from(!self.succeeds);
        if task.len() != n {
            problems.push(format!("{} cards of the task for {n}", task.len()));
        }
        if people.len() != usize::from(self.person == Some(false)) {
            problems.push(format!("{} cards of the person", people.len()));
        }
        let last = CAUSES[self.attempts.len() - 1];
        if task.iter().any(|cause| CAUSES.contains(cause) && *cause != last) {
            problems.push("the cause of another attempt".to_owned());
        }
        let is_there = self.scripts - 0.3 <= self.master + 1.0;
        if !self.succeeds && is_there && task.iter().any(|cause| !CAUSES.contains(cause)) {
            problems.push("no cause".to_owned());
        }
        (problems, transcript)
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of(&mut self, of: &[f64]) -> f64 {
        of[self.roll(of.len())]
    }

    fn case(&mut self) -> Case {
        let n = [1, 2, 2, 2, 3, 4][self.roll(6)];
        let succeeds = self.roll(4) == 0;
        let n = if succeeds { n.max(2) } else { n };
        let backlog = [None, Some(490.0)][self.roll(2)];
        let more = backlog.unwrap_or(0.0);
        let (master, worker, scripts): (&[f64], &[f64], &[f64]) = if backlog.is_some() {
            (&[-10.0, 0.0, 10.0, 70.0], &[-10.0, 10.0, 50.0, 105.0], &[-10.0, 10.0, 50.0, 105.0])
        } else {
            (
                &[0.0, 0.0, 0.0, 5.0, 60.0],
                &[0.0, 5.0, 30.0, 70.0, 100.0],
                &[0.0, 0.0, 5.0, 30.0, 100.0],
            )
        };
        Case {
            attempts: (0..n).map(|_| 21.0 + self.one_of(&[0.0, 2.2, 4.1, 7.0])).collect(),
            succeeds,
            gap: self.one_of(&[0.2, 1.1, 3.0]),
            master: more + self.one_of(master),
            worker: more + self.one_of(worker),
            scripts: more + self.one_of(scripts),
            only_retries: self.roll(5) < 2,
            has_worker: self.roll(7) > 0,
            person: if n > 1 { [None, None, Some(true), Some(false)][self.roll(4)] } else { None },
            backlog,
            script_grows: self.roll(2) == 0,
            is_known: self.roll(2) == 0,
        }
    }
}

#[test]
fn each_execution_is_one_card_with_the_cause_of_its_last_attempt_however_late_its_files_are_read() {
    let mut dice = Dice(1);
    let cases = std::iter::repeat_with(|| dice.case()).filter(Case::is_knowable);
    for case in cases.take(1_500) {
        let (problems, transcript) = case.problems();
        assert!(problems.is_empty(), "{problems:?} {case:?}\n{}\n{transcript}", case.story());
    }
}

#[test]
fn rows_of_the_worker_that_are_far_apart_are_of_different_attempts() {
    // The rows of the master are read 60 s late, script logs 30 s late.
    insta::assert_snapshot!(play(
        "22 attempt app=a task=t exec=1 at=21.8
         46 attempt app=a task=t exec=1 at=45.8
         52 script  app=a by=INTERNAL\\sa_scheduler error=first ended=21.7
         60 begun   app=a task=t exec=1 at=0
         70 attempt app=a task=t exec=1 at=69.8
         76 script  app=a by=INTERNAL\\sa_scheduler error=second ended=45.7
         82 retry   app=a task=t exec=1 at=22
         99 script  app=a by=INTERNAL\\sa_scheduler error=third ended=69.7
         106 retry  app=a task=t exec=1 at=46
         130 verdict app=a task=t exec=1 at=70"
    ), @r"
    22s   held back: attempt
    46s   held back: attempt
    52s   held back: attempt
    70s   held back: attempt
    76s   held back: attempt
    82s   held back: attempt
    99s   held back: attempt
    106s   held back: attempt
    130s opened reload-failed x1 (0 held back) third
    ");
}

#[test]
fn a_script_log_waits_for_the_rows_of_an_execution_that_is_under_way() {
    // The rows are read 25 s late.
    insta::assert_snapshot!(play(
        "25 begun   app=a task=t exec=1 at=0
         40 script  app=a by=INTERNAL\\sa_scheduler error=first ended=40
         66 retry   app=a task=t exec=1 at=41
         80 script-ok app=a by=INTERNAL\\sa_scheduler
         106 success app=a task=t exec=1 at=81"
    ), @r"
    55s   held back: attempt
    66s   held back: attempt
    ");
    // Nothing follows: the failure is not lost.
    insta::assert_snapshot!(play(
        "25 begun   app=a task=t exec=1 at=0
         40 script  app=a by=INTERNAL\\sa_scheduler error=first ended=40"
    ), @r"
    55s   held back: attempt
    175s opened reload-failed x1 (0 held back) first
    ");
}

#[test]
fn a_script_log_waits_for_its_rows_if_the_scheduler_reloads_its_app_again_at_once() {
    insta::assert_snapshot!(play(
        "40 script  app=a by=INTERNAL\\sa_scheduler error=first
         43 begun   app=a user=INTERNAL\\sa_scheduler
         70 script  app=a by=INTERNAL\\sa_scheduler error=second
         90 begun   app=a task=t exec=1 at=0
         130 retry  app=a task=t exec=1 at=41
         160 verdict app=a task=t exec=1 at=71"
    ), @r"
    85s opened reload-failed x1 (0 held back) second
    130s   held back: attempt
    160s   held back: same-run
    ");
    // No row is ever read: the last attempt speaks for all.
    insta::assert_snapshot!(play(
        "40 script  app=a by=INTERNAL\\sa_scheduler error=first
         43 begun   app=a user=INTERNAL\\sa_scheduler
         70 script  app=a by=INTERNAL\\sa_scheduler error=second"
    ), @r"
    85s opened reload-failed x1 (0 held back) second
    160s   held back: attempt
    ");
}

#[test]
fn what_a_person_reloads_between_attempts_ends_and_begins_none_of_them() {
    insta::assert_snapshot!(play(
        "20 script    app=a by=INTERNAL\\sa_scheduler error=first
         21 attempt   app=a task=t exec=1
         30 begun     app=a user=EX\\anna
         36 script-ok app=a by=EX\\anna
         50 script    app=a by=INTERNAL\\sa_scheduler error=second
         51 attempt   app=a task=t exec=1"
    ), @r"
    21s   held back: attempt
    51s   held back: attempt
    171s opened reload-failed x1 (0 held back) second
    ");
    insta::assert_snapshot!(play(
        "20 script  app=a by=INTERNAL\\sa_scheduler error=first
         21 attempt app=a task=t exec=1
         30 begun   app=a user=EX\\anna
         36 script  app=a by=EX\\anna error=person"
    ), @r"
    21s   held back: attempt
    39s opened reload-failed-outside-task x1 (0 held back) person
    141s opened reload-failed x1 (0 held back) first
    ");
}

#[test]
fn a_script_log_that_never_becomes_final_by_time_is_a_card_all_the_same() {
    // A pattern of an operator's own, without `final-after`.
    insta::assert_snapshot!(play(
        "25 begun  app=a task=t exec=1 at=0
         40 script app=a by=INTERNAL\\sa_scheduler error=first ended=40 final=never"
    ), @"55s opened reload-failed x1 (0 held back) first");
}
