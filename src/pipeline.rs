//! Pure. Joins the rooms from block to delivery into one step whose result is one commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::commit::{Commit, Delivery, Form, HistoryEntry};
use crate::detect::{Detection, Detector, Facts, Kind, Role, Severity};
use crate::incident::{Fingerprint, IncidentBook, Notice, Reason, Suppressed, Suppression, Told};
use crate::observe::{Look, Watched};
use crate::outbox::{Departure, Group, Row, Unread};
use crate::render::{Digest, DigestEntry, Renderer, Site};
use crate::route::Router;
use crate::tail::{Batch, Block, Checkpoint, FileId, Trouble};

/// After so many detections a step ends, so that outcomes and deliveries do not wait for a whole
/// batch: it takes some 10 ms.
const ENOUGH_FOUND: usize = 200;

/// The middle of the agent: values in, values out, in the order of the diagram in `lib`.
pub struct Pipeline {
    pub detector: Detector,
    pub book: IncidentBook,
    pub watched: Watched,
    pub router: Router,
    pub renderer: Renderer,
    pub site: Site,
    /// Records older than this are counted and left alone: the `start` of a first start.
    pub not_before: Option<Timestamp>,
}

impl Pipeline {
    /// Takes what the tailer found (or nothing, when only time has passed) to what is to be kept:
    /// from block `done` on, until much is found. `done` is moved behind those blocks; the batch is
    /// done when none is left.
    ///
    /// A commit has the positions behind its blocks, and everything that follows from them. How
    /// far reading has come counts when the batch is done.
    pub fn step(&mut self, now: Timestamp, batch: &mut Batch, done: &mut usize) -> Commit {
        let (mut commit, mut detections) = (Commit::default(), Vec::new());
        let begun = *done;
        if let Some(before) = batch.read_before.filter(|_| begun == 0) {
            self.book.had_read(now, before);
        }
        while *done < batch.blocks.len() && detections.len() < ENOUGH_FOUND {
            self.detect(now, &batch.blocks[*done], &mut detections, &mut commit);
            *done += 1;
        }
        // What belongs together may stand in different files: it is not late before all is read.
        let is_last = *done == batch.blocks.len();
        let read_until = batch.read_until.filter(|_| is_last);
        if read_until.is_some() || *done > begun {
            self.book.has_read(now, read_until);
        }
        if is_last {
            commit.checkpoints = std::mem::take(&mut batch.checkpoints);
            commit.forgotten = std::mem::take(&mut batch.forgotten);
            commit.folders = std::mem::take(&mut batch.folders);
            for trouble in &batch.troubles {
                note_trouble(now, trouble, &mut commit);
            }
        } else {
            commit.checkpoints = last_of_each(&batch.behind_blocks[begun..*done]);
        }
        // What was told is in the commit, too.
        drop(self.decide(now, detections, &mut commit));
        commit
    }

    /// Goes on with other patterns and templates.
    pub fn adopt(&mut self, detector: Detector, renderer: Renderer) {
        let earlier = std::mem::replace(&mut self.detector, detector);
        self.detector.succeed(earlier);
        self.renderer = renderer;
    }

    /// Takes what was seen of services and machines to what is to be kept.
    pub fn look(&mut self, now: Timestamp, look: &Look) -> Commit {
        let mut commit = Commit::default();
        self.watched.look(now, look);
        drop(self.decide(now, Vec::new(), &mut commit));
        commit
    }

    /// Says something about Footman itself: through incidents and routes like any other trouble.
    pub fn report(&mut self, now: Timestamp, reason: &str, sentence: &str) -> Commit {
        let mut commit = Commit::default();
        let detection = agent_trouble(now, &self.site.node, reason, sentence);
        drop(self.decide(now, vec![detection], &mut commit));
        commit
    }

    /// What nobody could read was not said.
    pub fn unread(&mut self, unread: &[Unread]) -> Commit {
        for one in unread {
            let fingerprint = Fingerprint(one.fingerprint.clone());
            self.book.unread(&fingerprint, &one.channel, one.created);
        }
        Commit { book: self.book.take_changes(), ..Commit::default() }
    }

    /// When [`Self::step`] has something to say even if no file changes.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.book.next_wakeup().into_iter().chain(self.watched.next_wakeup()).min()
    }

    /// From when on it would be worth knowing that everything is read until then.
    pub fn wants_reading(&self) -> Option<Timestamp> {
        self.book.wants_reading()
    }

    /// The card that stands for many: `summaries` are those of the incidents that it names.
    pub fn digest(
        &self,
        now: Timestamp,
        departure: &Departure,
        group: &Group,
        summaries: &[String],
    ) -> Delivery {
        let digest = Digest {
            environment: self.book.environment().map(str::to_owned),
            from: group.from,
            to: group.to,
            problems: group.counted.problems,
            over: group.counted.over,
            cards: group.counted.cards,
            unnamed: group.counted.unnamed,
            entries: group.named.iter().zip(summaries).map(digest_entry).collect(),
        };
        let card = self.renderer.digest_card(&self.site, &digest);
        Delivery {
            id: departure.id.clone(),
            channel: departure.channel.clone(),
            severity: group.named.iter().map(|row| row.severity).max().unwrap_or(Severity::Info),
            fingerprint: String::new(),
            reason: Reason::Opened,
            form: Form::Digest,
            summary: card.summary,
            payload: card.payload,
            plain: card.plain,
            created: now,
        }
    }

    fn detect(
        &mut self,
        now: Timestamp,
        block: &Block,
        detections: &mut Vec<Detection>,
        commit: &mut Commit,
    ) {
        let found = self.detector.detect(block);
        commit.counts.add("bytes.read", (block.bytes.len() - block.fresh) as u64);
        commit.counts.merge(found.counts);
        if found.unknown_layout {
            let trouble = unknown_layout(block);
            note_trouble(now, &trouble, commit);
            let node = &self.site.node;
            detections.push(agent_trouble(now, node, trouble.reason, &trouble.detail));
        }
        for detection in found.detections {
            commit.counts.add(format!("pattern.{}", detection.pattern), 1);
            if self.is_too_old(&detection) {
                commit.counts.add(counter_of(Suppression::TooOld), 1);
            } else {
                detections.push(detection);
            }
        }
    }

    fn is_too_old(&self, detection: &Detection) -> bool {
        let latest = detection.facts.at_or.or(detection.at);
        self.not_before.is_some_and(|oldest| latest.is_some_and(|at| at < oldest))
    }

    /// Takes detections that were found elsewhere, as in old logs, to what follows from them.
    pub fn tell(&mut self, now: Timestamp, detections: Vec<Detection>) -> (Commit, Told) {
        let mut commit = Commit::default();
        let told = self.decide(now, detections, &mut commit);
        (commit, told)
    }

    /// From detections to owed cards.
    fn decide(&mut self, now: Timestamp, found: Vec<Detection>, commit: &mut Commit) -> Told {
        let seen = self.watched.due(now, &found);
        commit.counts.merge(seen.counts);
        let mut detections = seen.detections;
        detections.extend(found);
        let told = self.book.step(now, detections);
        for held in &told.suppressed {
            commit.counts.add(counter_of(held.why), 1);
            commit.history.push(entry_of_suppressed(held));
        }
        for notice in &told.notices {
            self.say(now, notice, commit);
        }
        commit.book = self.book.take_changes();
        commit.book.extend(self.watched.take_changes());
        told
    }

    /// Routes one notice and owes its card to each channel.
    fn say(&mut self, now: Timestamp, notice: &Notice, commit: &mut Commit) {
        let channels = self.channels(notice);
        if notice.reason != Reason::Recovered {
            self.book.heard(&notice.fingerprint, &channels);
        }
        let card = self.renderer.card(notice, &self.site);
        for problem in &card.problems {
            tracing::warn!(notice = notice.id, "{problem}");
            commit.counts.add("card.problem", 1);
        }
        commit.counts.add(format!("notice.{}", notice.reason.name()), 1);
        commit.history.push(entry_of_notice(notice, &card.summary));
        for channel in channels {
            commit.deliveries.push(Delivery {
                id: format!("{}@{channel}", notice.id),
                channel,
                severity: notice.severity,
                fingerprint: notice.fingerprint.0.clone(),
                reason: notice.reason,
                form: Form::Card,
                summary: card.summary.clone(),
                payload: card.payload.clone(),
                plain: card.plain.clone(),
                created: now,
            });
        }
    }

    /// A recovery goes to those who heard of the failure; a pattern may name its channel;
    /// everything else goes by the routes.
    fn channels(&self, notice: &Notice) -> Vec<String> {
        if notice.reason == Reason::Recovered {
            return notice.heard_by.clone();
        }
        if let Some(channel) = self.detector.channel_of(&notice.pattern) {
            return vec![channel.to_owned()];
        }
        self.router.channels(notice).into_iter().map(str::to_owned).collect()
    }
}

/// The last position in each file.
fn last_of_each(positions: &[Checkpoint]) -> Vec<Checkpoint> {
    let mut last: BTreeMap<FileId, &Checkpoint> = BTreeMap::new();
    last.extend(positions.iter().map(|position| (position.file, position)));
    last.into_values().cloned().collect()
}

fn digest_entry((row, summary): (&Row, &String)) -> DigestEntry {
    DigestEntry {
        what: summary.clone(),
        severity: row.severity,
        times: row.times,
        last: row.last,
        is_over: row.is_over,
    }
}

fn counter_of(why: Suppression) -> String {
    format!("suppressed.{}", why.name())
}

fn entry_of_suppressed(held: &Suppressed) -> HistoryEntry {
    HistoryEntry {
        at: held.at,
        what: "suppressed".to_owned(),
        reason: held.why.name().to_owned(),
        kind: held.kind.name().to_owned(),
        fingerprint: String::new(),
        summary: held.summary.clone(),
    }
}

fn entry_of_notice(notice: &Notice, summary: &str) -> HistoryEntry {
    HistoryEntry {
        at: notice.at,
        what: notice.reason.name().to_owned(),
        reason: String::new(),
        kind: notice.kind.name().to_owned(),
        fingerprint: notice.fingerprint.0.clone(),
        summary: summary.to_owned(),
    }
}

fn note_trouble(now: Timestamp, trouble: &Trouble, commit: &mut Commit) {
    let path = trouble.path.display();
    // Hardly a node has every service, so a folder that is missing is nothing to worry about.
    if trouble.reason == "missing-folder" {
        tracing::debug!(%path, "{}", trouble.detail);
        return;
    }
    tracing::warn!(reason = trouble.reason, %path, "{}", trouble.detail);
    commit.counts.add(format!("trouble.{}", trouble.reason), 1);
    commit.history.push(HistoryEntry {
        at: now,
        what: "trouble".to_owned(),
        reason: trouble.reason.to_owned(),
        kind: Kind::Agent.name().to_owned(),
        fingerprint: String::new(),
        summary: format!("{}: {}", trouble.path.display(), trouble.detail),
    });
}

fn unknown_layout(block: &Block) -> Trouble {
    Trouble {
        path: block.path.to_path_buf(),
        reason: "unknown-layout",
        lasts: false,
        detail: format!(
            "the first line of this {} log names no columns that Footman knows; its lines are \
             matched as plain text until then; send the first line to the maintainers",
            block.label
        ),
    }
}

fn agent_trouble(now: Timestamp, node: &str, reason: &str, sentence: &str) -> Detection {
    Detection {
        pattern: format!("agent-{reason}"),
        kind: Kind::Agent,
        role: Role::Standalone,
        severity: Severity::Warning,
        title: "Footman needs a look".into(),
        meaning: "Footman keeps running, but failures in those files will go unreported.".into(),
        advice: None,
        at: Some(now),
        log: "".into(),
        path: "".into(),
        offset: 0,
        key: sentence.to_owned(),
        group: None,
        terms: Arc::default(),
        facts: Facts {
            host: Some(node.to_owned()),
            message: Some(sentence.to_owned()),
            ..Facts::default()
        },
        script: None,
    }
}

#[cfg(test)]
mod tests;
