//! Pure. The ids that several rooms share.

ids! {
    /// The identity of an incident: 16 hex digits, stable across versions and nodes.
    Fingerprint;
    /// The unique id of a notice: its incident and a number. A digest has one, too.
    NoticeId;
    /// The unique id of a delivery, see [`NoticeId::delivery`]; a digest has an id of its own.
    DeliveryId;
    /// The unique id of a command.
    CommandId;
    /// The id of a silence: eight hex digits.
    SilenceId;
}

impl NoticeId {
    /// The id of its delivery to a channel; unique, so the same card is never pending twice for a
    /// channel.
    pub fn delivery(&self, channel: &str) -> DeliveryId {
        format!("{self}@{channel}").into()
    }
}

impl Fingerprint {
    /// Hashes the parts, each with its length, so that `ab|c` differs from `a|bc`.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for part in parts {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finish();
        let first =
            digest.as_ref().iter().take(8).fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        format!("{first:016x}").into()
    }
}
