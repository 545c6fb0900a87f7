//! Pure. Silences: matching notices are held back until a time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::command::{MOST_TEXT, NewSilence, Refusal, TextField, UnusableMatcher, check};
use crate::commit::StoredRows;
use crate::ids::{CommandId, Fingerprint, SilenceId};
use crate::incident::Notice;
use crate::ledger::{Key, Table, TableName, TableRow};
use crate::route::{Matchers, RefusedMatcher};

/// A silence is shown for this long after its end.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Maximum number of silences in force, since each is compared with each notice.
const MOST_ACTIVE: usize = 500;
/// Maximum number of silences that are kept.
const MOST: usize = 2_000;

/// One silence, in force or over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    pub id: SilenceId,
    /// The words for each key, as in the `match` of a route.
    pub matchers: BTreeMap<String, Vec<String>>,
    /// The one incident that it is for, if it is for one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Fingerprint>,
    pub from: Timestamp,
    pub until: Timestamp,
    pub by: String,
    pub reason: String,
    /// When somebody ended it early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<Timestamp>,
    /// Number of notices that it held back.
    pub held_back: u32,
    /// The id of the command that added it; unknown in states of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
}

impl Silence {
    /// The silences from the stored rows of the ledger, the newest first.
    pub fn stored(rows: &StoredRows) -> Vec<Self> {
        let table = Table::<SilenceId, Self>::restored(rows);
        let mut silences: Vec<Self> = table.values().cloned().collect();
        silences.sort_by(|a, b| b.from.cmp(&a.from).then_with(|| a.id.cmp(&b.id)));
        silences
    }

    pub fn is_active(&self, now: Timestamp) -> bool {
        self.expired.is_none() && now < self.until
    }
}

impl NewSilence {
    /// Compiles its matchers; the error says why such a silence is never added.
    pub fn compile(&self, now: Timestamp) -> Result<Matchers, Refusal> {
        let refusal =
            |RefusedMatcher { key, fault, .. }| Refusal::Matcher(UnusableMatcher { key, fault });
        let matchers = Matchers::compile(&self.matchers)
            .map_err(|refused| refused.into_iter().next().map_or(Refusal::NoMatcher, refusal))?;
        matchers.check_kinds().map_err(refusal)?;
        if matchers.is_empty() && self.incident.is_none() {
            return Err(Refusal::NoMatcher);
        }
        if self.until <= now { Err(Refusal::UntilPast) } else { Ok(matchers) }
    }
}

impl Key for SilenceId {
    fn of(text: &str) -> Self {
        text.into()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl TableRow for Silence {
    const TABLE: TableName = TableName::Silences;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        let end = self.expired.map_or(self.until, |expired| expired.min(self.until));
        Some(later(end, KEPT_FOR))
    }
}

/// All silences, with the matchers of those in force.
#[derive(Debug, Default)]
pub(crate) struct Silences {
    table: Table<SilenceId, Silence>,
    active: BTreeMap<SilenceId, Matchers>,
}

impl Silences {
    /// Restores stored silences. One that can no longer be used holds nothing back.
    pub(crate) fn restored(rows: &StoredRows) -> Self {
        let table = Table::<SilenceId, Silence>::restored(rows);
        let compiled = table.iter().filter(|(_, one)| one.expired.is_none());
        let compiled = compiled
            .filter_map(|(id, one)| Some((id.clone(), Matchers::compile(&one.matchers).ok()?)));
        let active = compiled.collect();
        Self { table, active }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<crate::commit::RowChange> {
        self.table.take_changes()
    }

    /// The silence that matches a notice; if several do, the one that ends last.
    pub(crate) fn hiding(&self, now: Timestamp, notice: &Notice) -> Option<&Silence> {
        let known = self.active.iter().filter_map(|(id, matchers)| {
            let silence = self.table.get(id).filter(|silence| silence.is_active(now))?;
            let is_of_it = match &silence.incident {
                Some(print) => *print == notice.fingerprint,
                None => !matchers.is_empty(),
            };
            (is_of_it && matchers.may_hide(notice)).then_some(silence)
        });
        known.max_by_key(|silence| silence.until)
    }

    pub(crate) fn get(&self, id: &SilenceId) -> Option<&Silence> {
        self.table.get(id)
    }

    pub(crate) fn count(&mut self, id: &SilenceId) {
        self.table.change(id, |silence| {
            silence.held_back = silence.held_back.saturating_add(1);
            true
        });
    }

    /// Adds a silence of this command, from whose id its own is derived, for everything that it matches
    /// or for one incident.
    pub(crate) fn add(
        &mut self,
        now: Timestamp,
        (command, by): (&CommandId, &str),
        wanted: NewSilence,
        incident: Option<Fingerprint>,
    ) -> Result<SilenceId, Refusal> {
        let matchers = wanted.compile(now)?;
        let NewSilence { matchers: words, until, reason, .. } = wanted;
        check(TextField::Reason, &reason, MOST_TEXT)?;
        self.active.retain(|id, _| self.table.get(id).is_some_and(|one| one.is_active(now)));
        if self.active.len() >= MOST_ACTIVE {
            return Err(Refusal::TooManySilences(MOST_ACTIVE));
        }
        let id = self.new_id(command);
        let silence = Silence {
            id: id.clone(),
            matchers: words,
            incident,
            from: now,
            until,
            by: by.to_owned(),
            reason,
            expired: None,
            held_back: 0,
            command: Some(command.clone()),
        };
        self.active.insert(id.clone(), matchers);
        self.table.put(id.clone(), silence);
        self.table.keep_at_most(MOST, Timestamp::MAX);
        Ok(id)
    }

    /// Ends a silence early. A unique prefix of its id is enough.
    pub(crate) fn expire(&mut self, now: Timestamp, id: &str) -> Result<SilenceId, Refusal> {
        let begins = |key: &&SilenceId| !id.is_empty() && key.starts_with(id);
        let found: Vec<SilenceId> =
            self.table.iter().map(|(key, _)| key).filter(begins).cloned().collect();
        let key = match found.as_slice() {
            [] => return Err(Refusal::UnknownSilence),
            [key] => key.clone(),
            many => return Err(Refusal::AmbiguousSilence(many.to_vec())),
        };
        if !self.table.get(&key).is_some_and(|silence| silence.is_active(now)) {
            return Err(Refusal::SilenceOver);
        }
        self.table.change(&key, |silence| {
            silence.expired = Some(now);
            true
        });
        self.active.remove(&key);
        Ok(key)
    }

    /// When the next silence ends.
    pub(crate) fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let active = self.active.keys().filter_map(|id| self.table.get(id));
        active.filter(|silence| silence.is_active(now)).map(|silence| silence.until).min()
    }

    pub(crate) fn forget(&mut self, now: Timestamp) {
        for id in self.table.forget(now) {
            self.active.remove(&id);
        }
    }

    fn new_id(&self, command: &CommandId) -> SilenceId {
        let ids = (0_u32..).map(|n| {
            let text = format!("{command}/{n}");
            let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
            let first = digest.as_ref().iter().take(4);
            let first = first.fold(0, |sum: u32, byte| sum << 8 | u32::from(*byte));
            SilenceId::from(format!("{first:08x}"))
        });
        let free = |id: &SilenceId| self.table.get(id).is_none();
        ids.into_iter().find(free).expect("fewer silences than ids")
    }
}
