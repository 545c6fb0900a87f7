//! I/O. Sends one card to one channel and says what became of it.
