//! Pure. Counters under named reasons, carried in commits so that they survive restarts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

named! {
    /// What is counted as one number. The names are those of the state file and of lists.
    pub enum Single {
        BytesRead => "bytes.read",
        CandidateRecords => "records.candidate",
        Detections => "detections.found",
        UnknownLayouts => "layout.unknown",
        ChangedLayouts => "layout.changed",
        ReloadsSucceeded => "reload.succeeded",
        ServiceRestarts => "service.restarted",
        CardProblems => "card.problem",
        CommandsApplied => "command.applied",
        CommandsRefused => "command.refused",
        RepliesGivenUp => "thread.reply-given-up",
        RepliesWithdrawn => "thread.reply-withdrawn",
        CloudRequests => "cloud.requests",
        CloudUnreadable => "cloud.unreadable",
    }
}

named! {
    /// What is counted for each member of a set. The names precede those of the members.
    pub enum CounterSet {
        Kinds => "kind",
        Patterns => "pattern",
        Suppressions => "suppressed",
        Notices => "notice",
        FileProblems => "trouble",
        AgentProblems => "agent-problem",
        Deliveries => "delivery",
        CloudReloads => "cloud.reload",
        CloudFaults => "cloud.fault",
    }
}

impl CounterSet {
    /// The counter of a member.
    pub fn of(self, member: impl Into<Cow<'static, str>>) -> Counter {
        Counter::Of(self, member.into())
    }
}

/// One counter. Its text form is dotted and stable: `bytes.read`, `suppressed.same-run`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    One(Single),
    Of(CounterSet, Cow<'static, str>),
    /// How often attempts to deliver to this channel had this result.
    OfChannel {
        result: Cow<'static, str>,
        channel: String,
    },
    /// Another version counted it, or several are counted together.
    Other(Cow<'static, str>),
}

const OF_CHANNEL: &str = "channel-delivery";

impl Counter {
    /// Reads the text form.
    pub fn parse(text: &str) -> Self {
        if let Some(one) = Single::ALL.into_iter().find(|one| one.name() == text) {
            return Self::One(one);
        }
        let member = |set: &str| text.strip_prefix(set)?.strip_prefix('.');
        if let Some((result, channel)) = member(OF_CHANNEL).and_then(|it| it.split_once('.')) {
            let (result, channel) = (result.to_owned().into(), channel.to_owned());
            return Self::OfChannel { result, channel };
        }
        let of = |set: CounterSet| Some(set.of(member(set.name())?.to_owned()));
        let known = CounterSet::ALL.into_iter().find_map(of);
        known.unwrap_or_else(|| Self::Other(text.to_owned().into()))
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(one) => f.write_str(one.name()),
            Self::Of(set, member) => write!(f, "{}.{member}", set.name()),
            Self::OfChannel { result, channel } => write!(f, "{OF_CHANNEL}.{result}.{channel}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<Single> for Counter {
    fn from(one: Single) -> Self {
        Self::One(one)
    }
}

/// How often each named thing happened since the last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Counter, u64>);

impl Counts {
    /// Adds `n` to a counter.
    pub fn add(&mut self, counter: impl Into<Counter>, n: u64) {
        *self.0.entry(counter.into()).or_default() += n;
    }

    /// Adds everything that another set counted.
    pub fn merge(&mut self, other: Counts) {
        for (counter, n) in other.0 {
            self.add(counter, n);
        }
    }

    /// One number; 0 if it was never counted.
    pub fn n(&self, counter: impl Into<Counter>) -> u64 {
        self.0.get(&counter.into()).copied().unwrap_or_default()
    }

    /// The members of a set that were counted, with their numbers.
    pub fn of(&self, set: CounterSet) -> impl Iterator<Item = (&str, u64)> {
        self.iter().filter_map(move |(counter, n)| match counter {
            Counter::Of(of, member) if *of == set => Some((member.as_ref(), n)),
            _ => None,
        })
    }

    /// Counters and numbers.
    pub fn iter(&self) -> impl Iterator<Item = (&Counter, u64)> {
        self.0.iter().map(|(counter, n)| (counter, *n))
    }

    /// The numbers by the text forms of their counters, as lists show them.
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        self.iter().map(|(counter, n)| (counter.to_string(), n)).collect()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests;
