//! I/O. Signs the links of a card when it is sent, so that they work for a day from then on.

use crate::agent::core::Core;
use crate::clock;
use crate::command::link;
use crate::ids::Fingerprint;
use crate::state::LinkKeys;

impl Core {
    /// The card with links that work. Without a key it is sent as it is: the failure matters more
    /// than the link.
    pub(crate) fn signed(&self, card: String, incident: Option<&Fingerprint>) -> String {
        let Some((folder, incident)) = self.link_keys.as_ref().zip(incident) else { return card };
        let now = clock::now();
        match LinkKeys::signing(folder, now) {
            Ok(key) => link::sign_card(&card, &key, incident, now),
            Err(error) => {
                tracing::warn!(
                    "the link of a card will not work: cannot read or make its key: {error}"
                );
                card
            }
        }
    }
}
