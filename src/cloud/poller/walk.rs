//! Pure. The pages of one list, read one after another.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::cloud::answers::Page;
use crate::cloud::poller::PartSize;
use crate::cloud::poller::order::ListOrder;
use crate::cloud::reload::Reload;
use crate::cloud::task::Task;

/// 100,000 rows: five months of a busy tenant.
const MOST_PAGES: u32 = 1000;
/// This many consecutive pages without a row count as the end of a list.
const MOST_EMPTY: u32 = 3;
/// The address of a page expires; a list that waited longer is read again from its first page.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What comes after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Page,
    End,
    /// There are more rows, and they are not read.
    Cut,
}

/// A row of a list.
pub(crate) trait Listed {
    fn id(&self) -> &str;
    /// The time by which rows are ordered when they are reported.
    fn at(&self) -> Option<Timestamp>;
    /// The times of the tenant that show how far a list reaches.
    fn ended(&self) -> Option<Timestamp>;
    fn created(&self) -> Option<Timestamp>;
}

impl Listed for Reload {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> Option<Timestamp> {
        self.at()
    }

    fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    fn created(&self) -> Option<Timestamp> {
        self.created
    }
}

impl Listed for Task {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> Option<Timestamp> {
        None
    }

    fn ended(&self) -> Option<Timestamp> {
        None
    }

    fn created(&self) -> Option<Timestamp> {
        None
    }
}

/// A list that is being read.
#[derive(Debug)]
pub(crate) struct Walk<T> {
    pub(crate) next: Option<String>,
    /// The tenant's clock at its first page.
    pub(crate) date: Option<Timestamp>,
    /// The latest end in it.
    pub(crate) newest: Option<Timestamp>,
    /// Its rows are not reported.
    pub(crate) is_silent: bool,
    pub(crate) order: ListOrder,
    /// When its last page was read.
    read: Timestamp,
    pub(crate) n_pages: u32,
    n_empty: u32,
    rows: BTreeMap<String, T>,
}

impl<T: Listed> Walk<T> {
    pub(crate) fn begin(now: Timestamp) -> Self {
        Self {
            next: None,
            date: None,
            newest: None,
            is_silent: false,
            order: ListOrder::default(),
            read: now,
            n_pages: 0,
            n_empty: 0,
            rows: BTreeMap::new(),
        }
    }

    /// Adds a page, keeping only the wanted rows.
    pub(crate) fn add(
        &mut self,
        now: Timestamp,
        page: Page<T>,
        is_wanted: impl Fn(&T) -> bool,
    ) -> After {
        if self.n_pages == 0 {
            self.date = page.date;
        }
        self.read = now;
        self.n_pages += 1;
        self.newest = self.newest.max(page.rows.iter().filter_map(T::ended).max());
        page.rows.iter().for_each(|row| self.order.add(row.created(), row.ended()));
        let is_empty = page.rows.is_empty() && page.n_unreadable == 0;
        self.n_empty = if is_empty { self.n_empty + 1 } else { 0 };
        let wanted = page.rows.into_iter().filter(|row| is_wanted(row));
        self.rows.extend(wanted.map(|row| (row.id().to_owned(), row)));
        let before = std::mem::replace(&mut self.next, page.next);
        match &self.next {
            None => After::End,
            Some(_) if self.n_empty >= MOST_EMPTY => After::End,
            next if *next == before && is_empty => After::End,
            next if *next == before || self.n_pages >= MOST_PAGES => After::Cut,
            Some(_) => After::Page,
        }
    }

    /// Whether enough rows have been gathered to report them.
    pub(crate) fn is_large(&self, part: PartSize) -> bool {
        self.rows.len() >= part.0
    }

    /// Whether the address of the next page is still valid.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.read).abs() < FRESH
    }

    /// The wanted rows, in the order of their times.
    pub(crate) fn take_rows(&mut self) -> Vec<T> {
        let mut rows: Vec<T> = std::mem::take(&mut self.rows).into_values().collect();
        rows.sort_by_key(T::at);
        rows
    }
}
