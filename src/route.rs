//! Pure. Says which channels a notice goes to; first match wins, always ends in a default.
