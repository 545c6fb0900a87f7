//! Pure. The second half of the pipeline: detections in, deliveries out.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::commit::{
    About, Attention, Commit, Delivery, Form, HistoryEntry, HistoryReason, HistoryType,
    IncidentRow, NoCard, StepProblem,
};
use crate::config::{ChannelKind, DEFAULT_CHANNEL, Mention};
use crate::detection::{Detection, Severity};
use crate::ids::NoticeId;
use crate::incident::{IncidentBook, Notice, Overview, Reason, Suppressed};
use crate::metrics::{CounterSet, Single};
use crate::mute::{EndedSilence, MaintenanceWindow, Mutes};
use crate::outbox::{Attempt, CauseCounts, DigestRow, FallbackNotice, Group, Pending, Unread};
use crate::pipeline::ReadingProgress;
use crate::pipeline::escalate::{EscalationRule, Escalations};
use crate::pipeline::stages::Step;
use crate::render::{self, Card, ChannelForm, Digest, DigestCause, DigestEntry, Renderer, Site};
use crate::route::{self, Recipient, Router};

/// Decides what is sent, independently of the origin of a detection.
pub struct Decider {
    pub book: IncidentBook,
    pub mutes: Mutes,
    pub escalations: Escalations,
    pub router: Router,
    pub renderer: Renderer,
    /// The kind of each channel.
    pub channels: BTreeMap<String, ChannelForm>,
    pub site: Site,
    /// The environment on digests; every other card has the environment of its detection.
    pub environment: Option<String>,
    /// What happened until then may have been reported already, by a state that was lost.
    pub doubted_until: Option<Timestamp>,
}

impl Decider {
    /// Says which incidents are still open after a silence: of several, one card in each channel,
    /// but each critical one, and the report of each channel, on a card of its own.
    pub(crate) fn announce(&mut self, step: &mut Step, ended: &EndedSilence) {
        let now = step.now;
        let mut open = self.book.announce_after_silence(now, &ended.open, &ended.end);
        let (mut recipients, mut of_channel) = (Vec::new(), BTreeMap::<String, Vec<usize>>::new());
        for (number, notice) in open.iter_mut().enumerate() {
            notice.note = self.book.note_of(&notice.fingerprint).cloned();
            let of_notice = calling(notice.reason, self.recipients_of(now, notice));
            let channels = route::channels(&of_notice);
            self.book.note_notified(&notice.fingerprint, &channels);
            for channel in channels {
                of_channel.entry(channel).or_default().push(number);
            }
            recipients.push(of_notice);
        }
        // Channels with the same incidents share their cards.
        let mut cards: BTreeMap<Vec<usize>, BTreeSet<String>> = BTreeMap::new();
        for (channel, numbers) in of_channel {
            // The report of a channel may not leave everywhere.
            let is_alone = |number: &usize| {
                let notice = &open[*number];
                notice.severity == Severity::Critical || notice.unavailable_channel().is_some()
            };
            let (alone, others): (Vec<_>, Vec<_>) = numbers.into_iter().partition(is_alone);
            let each = alone.into_iter().map(|number| vec![number]);
            for numbers in each.chain((!others.is_empty()).then_some(others)) {
                cards.entry(numbers).or_default().insert(channel.clone());
            }
        }
        let mut leading = BTreeSet::new();
        for (numbers, channels) in cards {
            let of_card: Vec<Notice> = numbers.iter().map(|at| open[*at].clone()).collect();
            // Each card calls the people of the incidents that are on it.
            let of_card_only = numbers.iter().flat_map(|at| &recipients[*at]);
            let of_card_only = of_card_only.filter(|it| channels.contains(&it.channel)).cloned();
            let recipients = route::joined(of_card_only);
            let Some(notice) = self.book.joined(&of_card) else { continue };
            leading.insert(notice.fingerprint.clone());
            step.announced.push((notice, recipients));
        }
        // Each incident once, on however many cards it is.
        let on_a_card = open.iter().zip(&recipients).filter(|(_, of_it)| !of_it.is_empty());
        for (notice, _) in on_a_card {
            let no_card = (!leading.contains(&notice.fingerprint)).then_some(NoCard::Named);
            self.record(notice, no_card, &mut step.commit);
        }
    }

    /// Adds to the history that people are notified of an incident.
    pub(crate) fn record(&self, notice: &Notice, no_card: Option<NoCard>, commit: &mut Commit) {
        let summary = render::summary(notice, self.site.language);
        let reason = no_card.map(HistoryReason::NoCard);
        commit.history.push(HistoryEntry { reason, ..entry_of_notice(notice, &summary) });
    }

    /// Adds what people see of the incidents that changed.
    pub(crate) fn show(&mut self, commit: &mut Commit) {
        let language = self.site.language;
        // The same words as on its card.
        let worded = |notice: &Notice, overview: Overview| Overview {
            title: render::title(notice, language),
            error: render::reason(notice, language),
            ..overview
        };
        for overview in self.book.take_overviews(worded) {
            let json = serde_json::to_string(&overview)
                .expect("an overview holds only text, numbers and times");
            commit.incidents.push(IncidentRow {
                fingerprint: overview.fingerprint,
                state: overview.state.name(),
                last: overview.last,
                ended: overview.ended,
                json,
            });
        }
    }

    /// Replaces the routes, maintenance windows and escalation rules.
    pub fn reconfigure(
        &mut self,
        router: Router,
        windows: Vec<MaintenanceWindow>,
        rules: Vec<EscalationRule>,
    ) {
        self.router = router;
        self.mutes.set_windows(windows);
        self.set_escalations(rules);
    }

    /// Replaces the escalation rules.
    pub fn set_escalations(&mut self, rules: Vec<EscalationRule>) {
        self.escalations.set(rules, &mut self.book);
    }

    /// When there is something to decide even without new detections.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let caught_up = self.book.catches_up_until().unwrap_or(Timestamp::MIN);
        let mutes = self.mutes.next_wakeup().map(|due| due.max(caught_up));
        self.book.next_wakeup().into_iter().chain(mutes).min()
    }

    /// Marks incidents as not notified that no readable card described.
    pub fn unread(&mut self, unread: &[Unread]) -> Commit {
        for one in unread {
            self.book.unread(&one.fingerprint, &one.channel, one.created);
        }
        self.changed()
    }

    /// A fallback has posted cards of these incidents: their recovery is sent there, too.
    pub fn notified_by_fallback(&mut self, notices: &[FallbackNotice]) -> Commit {
        for one in notices {
            self.book.note_notified(&one.fingerprint, std::slice::from_ref(&one.by));
        }
        self.changed()
    }

    /// A dead delivery is pending again: like any pending one, it counts as notified.
    pub fn retried(&mut self, pending: &Pending) -> Commit {
        if pending.reason != Reason::Recovered
            && let Some(fingerprint) = &pending.fingerprint
        {
            self.book.note_notified(fingerprint, std::slice::from_ref(&pending.channel));
        }
        self.changed()
    }

    /// The changes of the book alone.
    fn changed(&mut self) -> Commit {
        let mut commit = Commit::default();
        self.show(&mut commit);
        commit.rows = self.book.take_changes();
        commit
    }

    pub(crate) fn note(&mut self, now: Timestamp, reading: ReadingProgress) {
        if let Some(before) = reading.before {
            self.book.had_read(now, before);
        }
        if reading.until.is_some() || reading.got_on {
            self.book.has_read(now, reading.until);
        }
    }

    /// A recovery goes to the channels that were notified of the failure; a pattern may name its
    /// channel; everything else follows the routes.
    pub(crate) fn recipients_to_notify(
        &mut self,
        now: Timestamp,
        notice: &Notice,
    ) -> Vec<Recipient> {
        // The last recovery of an incident that flapped may be of an opening that was held back.
        let is_last = notice.flapping.is_some_and(|flapping| flapping.is_over);
        if notice.reason == Reason::Recovered && !(is_last && notice.notified_channels.is_empty()) {
            return notice.notified_channels.iter().map(|it| Recipient::channel(it)).collect();
        }
        let recipients = calling(notice.reason, self.recipients_of(now, notice));
        let channels = route::channels(&recipients);
        self.book.note_notified(&notice.fingerprint, &channels);
        recipients
    }

    fn recipients_of(&self, now: Timestamp, notice: &Notice) -> Vec<Recipient> {
        let Some(channel) = &notice.channel else {
            let recipients = self.router.recipients(notice, now, &self.site.timezone);
            return self.around_the_channel(notice, recipients);
        };
        vec![Recipient::channel(channel)]
    }

    /// That a channel takes no cards is not sent through this channel: if the routes lead nowhere
    /// else, it goes to the channel `default` or to any other.
    pub(crate) fn around_the_channel(
        &self,
        notice: &Notice,
        mut to: Vec<Recipient>,
    ) -> Vec<Recipient> {
        let Some(channel) = notice.unavailable_channel() else { return to };
        // Whom an escalation calls there is called in the other channel.
        let left = to.extract_if(.., |recipient| recipient.channel == channel);
        let mentions: Vec<Mention> = left.flat_map(|recipient| recipient.mentions).collect();
        if to.is_empty() {
            let others = self.channels.iter().filter(|(name, _)| name.as_str() != channel);
            let rank = |(name, form): &(&String, &ChannelForm)| {
                (name.as_str() != DEFAULT_CHANNEL, form.kind == ChannelKind::Local)
            };
            let other = others.min_by_key(rank).map(|(name, _)| name.clone());
            to.extend(other.map(|channel| Recipient { channel, mentions }));
        }
        to
    }

    /// Counts a notice, and adds one delivery per channel to the commit.
    pub(crate) fn card(
        &self,
        now: Timestamp,
        notice: &Notice,
        recipients: Vec<Recipient>,
        commit: &mut Commit,
    ) {
        commit.counts.add(CounterSet::Notices.of(notice.reason.name()), 1);
        self.deliver(now, notice, recipients, commit);
    }

    /// The heartbeat card is not an incident: it is neither muted nor routed, and not counted as
    /// one.
    pub fn heartbeat(&self, now: Timestamp, alive: &Detection, channels: &[String]) -> Commit {
        let notice = Notice::of(alive, now);
        let id = format!("heartbeat-{}", now.as_microsecond()).into();
        let notice = Notice { id, ..notice };
        let mut commit = Commit::default();
        let summary = render::summary(&notice, self.site.language);
        let what = HistoryType::Heartbeat;
        commit.history.push(HistoryEntry { what, ..entry_of_notice(&notice, &summary) });
        let recipients = channels.iter().map(|channel| Recipient::channel(channel)).collect();
        self.deliver(now, &notice, recipients, &mut commit);
        // Each is a card of its own, in no thread.
        commit.deliveries.iter_mut().for_each(|delivery| delivery.fingerprint = None);
        commit
    }

    pub(crate) fn deliver(
        &self,
        now: Timestamp,
        notice: &Notice,
        recipients: Vec<Recipient>,
        commit: &mut Commit,
    ) {
        let notice_id = notice.id.clone();
        let happened = notice.due_at.unwrap_or(notice.at);
        let possible_repeat = self.doubted_until.is_some_and(|until| happened <= until);
        let mut rendered: Vec<(ChannelForm, Card)> = Vec::new();
        // However it was found, also among those that were notified.
        let unavailable = notice.unavailable_channel();
        let recipients =
            recipients.into_iter().filter(|it| unavailable != Some(it.channel.as_str()));
        for Recipient { channel, mentions } in recipients {
            let card = self.rendered(now, notice, &channel, &mut rendered, commit);
            let card = card.mentioning(&mentions);
            let attention =
                if mentions.is_empty() { Attention::Normal } else { Attention::Insistent };
            commit.deliveries.push(Delivery {
                id: notice_id.delivery(&channel),
                notice_id: notice_id.clone(),
                channel,
                severity: notice.severity,
                fingerprint: Some(notice.fingerprint.clone()),
                reason: notice.reason,
                form: Form::Card,
                summary: card.summary,
                about: card.about,
                payload: card.payload,
                plain: card.plain,
                created: now,
                attention,
                possible_repeat,
            });
        }
    }

    /// The card for a channel; channels that show cards alike share it, unless they have templates
    /// of their own.
    fn rendered(
        &self,
        now: Timestamp,
        notice: &Notice,
        channel: &str,
        rendered: &mut Vec<(ChannelForm, Card)>,
        commit: &mut Commit,
    ) -> Card {
        let form = self.form_of(channel);
        let has_own = self.renderer.has_own(channel);
        if let Some((_, card)) = rendered.iter().find(|(of, _)| *of == form && !has_own) {
            return card.clone();
        }
        let site = self.site.in_language(form.language);
        let card = self.renderer.card_for(channel, notice, &site, form.kind);
        let card = if form.waits { card.waiting(&site, now) } else { card };
        for problem in &card.problems {
            commit.counts.add(Single::CardProblems, 1);
            let (notice, problem) = (notice.id.clone(), problem.clone());
            commit.problems.push(StepProblem::Card { notice, problem });
        }
        if !has_own {
            rendered.push((form, card.clone()));
        }
        card
    }

    /// The default form for a channel that is not configured, which may be configured again when
    /// its cards are sent.
    fn form_of(&self, channel: &str) -> ChannelForm {
        let language = self.site.language;
        let default = || ChannelForm { kind: ChannelKind::default(), language, waits: false };
        self.channels.get(channel).copied().unwrap_or_else(default)
    }

    /// Builds a digest; `described` describes its incidents, in the order of their rows.
    pub fn digest(
        &self,
        now: Timestamp,
        attempt: &Attempt,
        group: &Group,
        described: &[(String, About)],
    ) -> Delivery {
        let digest = Digest {
            environment: self.environment.clone(),
            from: group.from,
            to: group.to,
            problems: group.counted.problems,
            over: group.counted.over,
            cards: group.counted.cards,
            unnamed: group.counted.unnamed,
            causes: causes(group, described),
            recovered: entries(group, described, |row| row.is_over),
        };
        let form = self.form_of(&attempt.channel);
        let site = self.site.in_language(form.language);
        let card = self.renderer.digest_card(&site, &digest, form.kind);
        let card = if form.waits { card.waiting(&site, now) } else { card };
        Delivery {
            id: attempt.id.clone(),
            notice_id: NoticeId::from(&*attempt.id),
            channel: attempt.channel.clone(),
            severity: group.named.iter().map(|row| row.severity).max().unwrap_or(Severity::Info),
            fingerprint: None,
            reason: Reason::Opened,
            form: Form::Digest,
            summary: card.summary,
            about: card.about,
            payload: card.payload,
            plain: card.plain,
            created: now,
            attention: Attention::Normal,
            possible_repeat: false,
        }
    }
}

/// The causes with the incidents that are named, in their order.
fn causes(group: &Group, described: &[(String, About)]) -> Vec<DigestCause> {
    let cause = |counts: &CauseCounts| DigestCause {
        severity: counts.severity,
        incidents: counts.incidents,
        cards: counts.cards,
        last: counts.last,
        entries: entries(group, described, |row| !row.is_over && row.cause == counts.cause),
    };
    group.causes.iter().map(cause).collect()
}

fn entries(
    group: &Group,
    described: &[(String, About)],
    is_of: impl Fn(&DigestRow) -> bool,
) -> Vec<DigestEntry> {
    let rows = group.named.iter().zip(described).filter(|(row, _)| is_of(row));
    rows.map(|(row, (what, about))| DigestEntry {
        what: what.clone(),
        about: about.clone(),
        times: row.times,
    })
    .collect()
}

/// The recipients, with the people of their routes only if the card mentions them: a repeat or a
/// recovery does not.
fn calling(reason: Reason, mut recipients: Vec<Recipient>) -> Vec<Recipient> {
    match reason {
        Reason::Opened | Reason::Escalated => {}
        Reason::Repeated | Reason::Acknowledged | Reason::Recovered => {
            for recipient in &mut recipients {
                recipient.mentions.clear();
            }
        }
    }
    recipients
}

pub(crate) fn entry_of_suppressed(held: &Suppressed) -> HistoryEntry {
    HistoryEntry {
        reason: Some(HistoryReason::Suppression(held.why)),
        kind: Some(held.kind),
        fingerprint: held.fingerprint.clone(),
        error_class: held.error_class.clone(),
        subject: held.name.clone(),
        ..HistoryEntry::new(held.at, HistoryType::Suppressed, held.summary())
    }
}

pub(crate) fn entry_of_notice(notice: &Notice, summary: &str) -> HistoryEntry {
    let at = notice.due_at.unwrap_or(notice.at);
    HistoryEntry {
        kind: Some(notice.kind),
        fingerprint: Some(notice.fingerprint.clone()),
        error_class: notice.error_class().map(str::to_owned),
        ..HistoryEntry::new(at, notice.reason.into(), summary.to_owned())
    }
}
