//! Pure. The languages in which cards are worded.

named! {
    /// The language of cards, the page and the report. Its sentences are in `render::catalog`.
    #[derive(Default)]
    pub enum Language {
        #[default]
        English => "en",
        German => "de",
    }
}
