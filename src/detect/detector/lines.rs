//! Pure. Logs of dispatched services: each line is a record.

use crate::detect::detector::{Detector, Found, path_of};
use crate::detect::facts;
use crate::detect::row::Row;
use crate::qlik::line_log::LineRecord;
use crate::tail::Block;

impl Detector {
    pub(super) fn detect_lines(&self, block: &Block) -> Found {
        let mut found = Found::default();
        let Some(log) = self.logs.get(&*block.label) else { return found };
        let scanner = self.scanner(log);
        let path = path_of(block);
        let (mut n_candidates, mut suspects) = (0, Vec::new());
        for range in scanner.candidates(&block.bytes, block.fresh) {
            let text = String::from_utf8_lossy(&block.bytes[range.clone()]);
            let row = Row::Plain(LineRecord::new(&text));
            n_candidates += 1;
            scanner.suspects(&block.bytes[range.clone()], &mut suspects);
            let patterns = suspects.iter().map(|at| &self.patterns[log.patterns[*at]]);
            for pattern in patterns.filter(|pattern| pattern.matches(&row)) {
                let at = row.at(&self.zone);
                found.detections.push(facts::detection(
                    pattern,
                    &row,
                    at,
                    block,
                    &path,
                    range.start,
                ));
            }
        }
        if n_candidates > 0 {
            found.counts.add("records.candidate", n_candidates);
        }
        found
    }
}
