//! Pure. The second half of the pipeline: detections in, deliveries out.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::commit::{Commit, Delivery, Form, HistoryEntry, NoticeId, StepProblem};
use crate::config::ChannelKind;
use crate::detection::{Detection, Severity};
use crate::incident::{
    Decisions, Fingerprint, IncidentBook, Notice, Reason, Suppressed, Suppression,
};
use crate::mute::mute;
use crate::outbox::{Departure, Group, Row, Unread};
use crate::pipeline::ReadingProgress;
use crate::render::{self, Card, Digest, DigestEntry, Renderer, Site};
use crate::route::Router;

/// Decides what is sent, independently of the origin of a detection.
pub struct Decider {
    pub book: IncidentBook,
    pub router: Router,
    pub renderer: Renderer,
    /// The kind of each channel.
    pub channels: BTreeMap<String, ChannelKind>,
    pub site: Site,
    /// The environment on digests; every other card has the environment of its detection.
    pub environment: Option<String>,
}

impl Decider {
    /// Runs the stages in order.
    pub fn decide(
        &mut self,
        now: Timestamp,
        detections: Vec<Detection>,
        reading: ReadingProgress,
    ) -> (Commit, Decisions) {
        let mut commit = Commit::default();
        self.note(now, reading);
        let decisions = self.book.step(now, detections);
        let decisions = mute(now, &mut self.book, decisions);
        for held in &decisions.suppressed {
            commit.counts.add(counter_of(held.why), 1);
            commit.history.push(entry_of_suppressed(held));
        }
        for notice in &decisions.notices {
            let channels = self.route(notice);
            self.render(now, notice, channels, &mut commit);
        }
        commit.book = self.book.take_changes();
        (commit, decisions)
    }

    /// When there is something to decide even without new detections.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.book.next_wakeup()
    }

    /// Marks incidents that no card described readably as not notified.
    pub fn unread(&mut self, unread: &[Unread]) -> Commit {
        for one in unread {
            let fingerprint = Fingerprint(one.fingerprint.clone());
            self.book.unread(&fingerprint, &one.channel, one.created);
        }
        Commit { book: self.book.take_changes(), ..Commit::default() }
    }

    fn note(&mut self, now: Timestamp, reading: ReadingProgress) {
        if let Some(before) = reading.before {
            self.book.had_read(now, before);
        }
        if reading.until.is_some() || reading.got_on {
            self.book.has_read(now, reading.until);
        }
    }

    /// A recovery goes to the channels that were notified of the failure; a pattern may name its
    /// channel; everything else follows the routes.
    fn route(&mut self, notice: &Notice) -> Vec<String> {
        if notice.reason == Reason::Recovered {
            return notice.notified_channels.clone();
        }
        let channels = match &notice.channel {
            Some(channel) => vec![channel.clone()],
            None => self.router.channels(notice).into_iter().map(str::to_owned).collect(),
        };
        self.book.note_notified(&notice.fingerprint, &channels);
        channels
    }

    /// Adds one delivery per channel to the commit.
    fn render(&self, now: Timestamp, notice: &Notice, channels: Vec<String>, commit: &mut Commit) {
        commit.counts.add(format!("notice.{}", notice.reason.name()), 1);
        commit.history.push(entry_of_notice(notice, &render::summary(notice)));
        let notice_id = NoticeId(notice.id.clone());
        let mut rendered: Vec<(ChannelKind, Card)> = Vec::new();
        for channel in channels {
            let card = self.rendered(notice, &channel, &mut rendered, commit);
            commit.deliveries.push(Delivery {
                id: notice_id.delivery(&channel),
                notice_id: notice_id.clone(),
                channel,
                severity: notice.severity,
                fingerprint: notice.fingerprint.0.clone(),
                reason: notice.reason,
                form: Form::Card,
                summary: card.summary,
                payload: card.payload,
                plain: card.plain,
                created: now,
            });
        }
    }

    /// The card for a channel; channels of the same kind share it.
    fn rendered(
        &self,
        notice: &Notice,
        channel: &str,
        rendered: &mut Vec<(ChannelKind, Card)>,
        commit: &mut Commit,
    ) -> Card {
        let kind = self.kind_of(channel);
        if let Some((_, card)) = rendered.iter().find(|(of, _)| *of == kind) {
            return card.clone();
        }
        let card = self.renderer.card(notice, &self.site, kind);
        for problem in &card.problems {
            commit.counts.add("card.problem", 1);
            let (notice, problem) = (NoticeId(notice.id.clone()), problem.clone());
            commit.problems.push(StepProblem::Card { notice, problem });
        }
        rendered.push((kind, card.clone()));
        card
    }

    /// The default kind for a channel that is not configured, which may be configured again when
    /// its cards are sent.
    fn kind_of(&self, channel: &str) -> ChannelKind {
        self.channels.get(channel).copied().unwrap_or_default()
    }

    /// Builds a digest; `summaries` are those of the incidents that it names.
    pub fn digest(
        &self,
        now: Timestamp,
        departure: &Departure,
        group: &Group,
        summaries: &[String],
    ) -> Delivery {
        let digest = Digest {
            environment: self.environment.clone(),
            from: group.from,
            to: group.to,
            problems: group.counted.problems,
            over: group.counted.over,
            cards: group.counted.cards,
            unnamed: group.counted.unnamed,
            entries: group.named.iter().zip(summaries).map(digest_entry).collect(),
        };
        let card = self.renderer.digest_card(&self.site, &digest, self.kind_of(&departure.channel));
        Delivery {
            id: departure.id.clone(),
            notice_id: NoticeId(departure.id.clone()),
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
        fingerprint: held.fingerprint.as_ref().map(|print| print.0.clone()).unwrap_or_default(),
        error_class: held.error_class.clone().unwrap_or_default(),
        summary: held.summary(),
    }
}

fn entry_of_notice(notice: &Notice, summary: &str) -> HistoryEntry {
    HistoryEntry {
        at: notice.at,
        what: notice.reason.name().to_owned(),
        reason: String::new(),
        kind: notice.kind.name().to_owned(),
        fingerprint: notice.fingerprint.0.clone(),
        error_class: notice.error_class().unwrap_or_default().to_owned(),
        summary: summary.to_owned(),
    }
}
