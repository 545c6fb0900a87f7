//! I/O. Finds out which file stands where after names changed: renamed, copied, replaced, new.
//!
//! The content that was followed under a name is looked for first; only what cannot be found
//! anywhere is given up, and only what nobody knows is new.

use std::collections::{BTreeMap, BTreeSet};

use crate::tail::disk::OsId;
use crate::tail::folder::{FolderId, Place};
use crate::tail::followed::Followed;
use crate::tail::identity::Verdict;
use crate::tail::listing::Unknown;
use crate::tail::read::Source;
use crate::tail::{FileId, Poll, Start, Tailer, Trouble, unreadable};

/// A place where something else stands than the file that was followed there.
#[derive(Clone, Copy)]
pub(super) struct Contest {
    holder: FileId,
    verdict: Verdict,
}

/// What is known while places are being found.
pub(super) struct Search {
    pub(super) contests: BTreeMap<Place, Contest>,
    /// Ids that files had until now: their second names still bear them.
    former: Vec<(OsId, FileId)>,
    /// Contested places that may belong to a file that moved.
    untried: Vec<Place>,
    /// Files that stood at a place which another one took.
    unseated: Vec<FileId>,
}

impl Search {
    /// The files that were truncated or rewritten in place.
    pub(super) fn truncated(&self) -> impl Iterator<Item = FileId> {
        let in_place = |it: &&Contest| is_in_place(it.verdict);
        self.contests.values().filter(in_place).map(|contest| contest.holder)
    }
}

fn is_in_place(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Truncated | Verdict::Rewritten)
}

impl Tailer {
    /// Settles who stands at the unknown names of a folder and at all names that are contested;
    /// the place of `suspect` is known to be.
    pub(super) fn find_places(
        &mut self,
        folder: FolderId,
        unknown: Unknown,
        suspect: Option<FileId>,
        poll: &mut Poll,
    ) {
        let contests = self.contests(folder, suspect);
        let mut search =
            Search { contests, former: Vec::new(), untried: Vec::new(), unseated: Vec::new() };
        for name in unknown {
            let place = (folder, name);
            if search.contests.is_empty() && self.is_idle_copy(&place) {
                continue;
            }
            let Some(mut source) = self.open_place(&place, poll) else { continue };
            if !self.bring_home(&place, &mut source, &mut search, poll)
                && !self.is_copy(&place, &mut source, &mut search, poll)
            {
                self.adopt(&place, source, None, poll);
            }
        }
        self.bring_home_contested(&mut search, poll);
        for (place, contest) in std::mem::take(&mut search.contests) {
            self.settle(&place, contest, &mut search, poll);
        }
        for file in search.unseated {
            self.drop_nameless(file, poll);
        }
    }

    /// The contested places among the files that are to be read; if there are any, among all of
    /// the folder.
    fn contests(&mut self, folder: FolderId, suspect: Option<FileId>) -> BTreeMap<Place, Contest> {
        let queued: Vec<_> = self.queue.files().chain(suspect).collect();
        let mut contests = self.contests_among(folder, queued);
        if !contests.is_empty() {
            let changed: Vec<_> = self.book.files_in(folder);
            let changed = changed.into_iter().filter(|file| self.looks_changed(*file)).collect();
            contests.append(&mut self.contests_among(folder, changed));
        }
        contests
    }

    fn contests_among(&mut self, folder: FolderId, files: Vec<FileId>) -> BTreeMap<Place, Contest> {
        files.into_iter().filter_map(|file| self.contest(folder, file)).collect()
    }

    fn contest(&mut self, folder: FolderId, holder: FileId) -> Option<(Place, Contest)> {
        let place = self.book.files.get(&holder).filter(|it| it.folder == folder)?.place();
        if self.book.is_nameless(holder) {
            return None;
        }
        let mut source = self.open(&self.book.path(&place)).ok()?;
        let verdict = source.judge(self.book.files.get(&holder)?).ok()?;
        (verdict != Verdict::Same).then_some((place, Contest { holder, verdict }))
    }

    fn looks_changed(&self, file: FileId) -> bool {
        let (path, followed) = (self.book.path_of(file), self.book.files.get(&file));
        path.zip(followed).is_some_and(|(path, followed)| match self.disk.look(&path) {
            Ok(look) => !followed.looks_like(look),
            Err(_) => followed.is_seen(),
        })
    }

    /// Opens what stands at a place. A name that is gone again, or that is no file, is no trouble.
    fn open_place(&mut self, place: &Place, poll: &mut Poll) -> Option<Source> {
        use std::io::ErrorKind::{InvalidInput, NotFound};
        let path = self.book.path(place);
        if self.is_refused(place, &path, poll) {
            return None;
        }
        match self.open(&path) {
            Ok(source) => {
                self.book.folder_mut(place.0).refused.remove(&place.1);
                self.is_well(&path, poll);
                Some(source)
            }
            Err(error) => {
                self.note_refusal(place, &path, poll);
                if !matches!(error.kind(), NotFound | InvalidInput) {
                    self.tell(unreadable(&path, &error), poll);
                }
                None
            }
        }
    }

    /// Whether opening failed there not long ago, and nothing looks different since.
    fn is_refused(&self, place: &Place, path: &std::path::Path, poll: &Poll) -> bool {
        let refused = self.book.folder(place.0).refused.get(&place.1);
        refused.is_some_and(|it| it.is_resting(poll.now) && it.look == self.disk.look(path).ok())
    }

    fn note_refusal(&mut self, place: &Place, path: &std::path::Path, poll: &Poll) {
        let look = self.disk.look(path).ok();
        let refused = &mut self.book.folder_mut(place.0).refused;
        refused.entry(place.1.clone()).or_default().again(look, poll.now);
    }

    /// Gives contested places to the files that moved there. A move can contest another place.
    fn bring_home_contested(&mut self, search: &mut Search, poll: &mut Poll) {
        let mut tried = BTreeSet::new();
        search.untried.extend(search.contests.keys().cloned());
        while let Some(place) = search.untried.pop() {
            if !search.contests.contains_key(&place) || !tried.insert(place.clone()) {
                continue;
            }
            let Some(mut source) = self.open_place(&place, poll) else { continue };
            if self.bring_home(&place, &mut source, search, poll) {
                self.leave_to_second_name(&place, search);
            }
        }
    }

    /// What stands at a contested place and did not move there has its home elsewhere: this is its
    /// second name, and not to be read. Whoever stood here before is unseated.
    fn leave_to_second_name(&mut self, place: &Place, search: &mut Search) {
        if let Some(contest) = search.contests.remove(place) {
            self.book.unname(place, contest.holder);
            search.unseated.push(contest.holder);
        }
    }

    /// Whether what stands at `place` is a file that we know from elsewhere. If it moved here, it
    /// is followed here from now on; if it has two names, it keeps its first one.
    fn bring_home(
        &mut self,
        place: &Place,
        source: &mut Source,
        search: &mut Search,
        poll: &mut Poll,
    ) -> bool {
        let by_id = self.owner_by_id(place, source, search);
        let by_content = self.owner_by_content(place, source, search);
        let was_read = |it: &FileId| self.book.files.get(it).is_some_and(|known| known.offset > 0);
        let rows_stand_here = |it: &FileId| {
            self.book.files.get(it).is_some_and(|known| source.has_rows(known.offset))
        };
        let sure = by_id.filter(was_read).or(by_content.filter(rows_stand_here));
        // Two names that have one id at the same time are names of one file.
        let second_name = by_id.filter(|it| sure.is_none() && self.is_at_home(*it));
        // The id of a file of which nothing was read may have been given to a copy since, and a
        // header alone is the same in many files.
        let owner = sure
            .or(second_name)
            .or_else(|| by_content.or(by_id).filter(|_| !self.may_be_copy(place, source)));
        let Some(owner) = owner else { return false };
        if !self.is_at_home(owner) {
            self.move_to(place, owner, source, search, poll);
        }
        true
    }

    fn owner_by_id(&self, place: &Place, source: &mut Source, search: &Search) -> Option<FileId> {
        let os_id = source.os_id?;
        let mut known = self.book.with_id(os_id);
        known.extend(search.former.iter().filter(|(id, _)| *id == os_id).map(|(_, file)| *file));
        known.into_iter().find(|file| self.could_be(*file, place, source))
    }

    /// The file whose content was copied here before it was truncated or replaced; the one of
    /// which most was read, if several begin like this one.
    fn owner_by_content(
        &self,
        place: &Place,
        source: &mut Source,
        search: &Search,
    ) -> Option<FileId> {
        search
            .contests
            .iter()
            .filter(|(_, contest)| contest.verdict != Verdict::Lookalike)
            .filter(|(home, contest)| self.book.holder(home) == Some(contest.holder))
            .filter_map(|(_, contest)| {
                let read = self.book.files.get(&contest.holder)?.offset;
                (read > 0 && self.could_be(contest.holder, place, source))
                    .then_some((read, contest.holder))
            })
            .max()
            .map(|(_, holder)| holder)
    }

    pub(super) fn could_be(&self, file: FileId, place: &Place, source: &mut Source) -> bool {
        self.book.files.get(&file).is_some_and(|known| {
            known.place() != *place && source.continues(known).unwrap_or(false)
        })
    }

    /// Whether the file still stands under the name we know.
    pub(super) fn is_at_home(&mut self, file: FileId) -> bool {
        let Some(path) = self.book.path_of(file) else { return false };
        let Ok(mut source) = self.open(&path) else { return false };
        self.book
            .files
            .get(&file)
            .is_some_and(|known| source.judge(known).is_ok_and(|verdict| verdict == Verdict::Same))
    }

    pub(super) fn move_to(
        &mut self,
        place: &Place,
        file: FileId,
        source: &Source,
        search: &mut Search,
        poll: &mut Poll,
    ) {
        search.unseated.extend(self.book.holder(place));
        // A place that was taken from it already is not left once more.
        let had_place = !self.book.is_nameless(file);
        let Some(left) = self.book.rename(file, place.clone()) else { return };
        search.contests.remove(place);
        if had_place && self.disk.look(&self.book.path(&left)).is_ok() {
            let contest = Contest { holder: file, verdict: Verdict::Replaced };
            search.untried.push(left.clone());
            search.contests.entry(left).or_insert(contest);
        }
        if let Some(followed) = self.book.files.get_mut(&file) {
            if followed.os_id() != source.os_id {
                self.queue.close(file);
                search.former.extend(followed.os_id().map(|os_id| (os_id, file)));
            }
            followed.unsee();
        }
        self.book.identify(file, source.os_id);
        poll.touched.insert(file);
        self.queue.push(file);
    }

    /// Decides about a contested place whose content came from nowhere that we know.
    fn settle(&mut self, place: &Place, contest: Contest, search: &mut Search, poll: &mut Poll) {
        let Some(mut source) = self.open_place(place, poll) else { return };
        match self.book.holder(place) {
            None => return self.adopt(place, source, Some(contest.holder), poll),
            Some(file) if file != contest.holder => return,
            Some(_) => {}
        }
        let Some(followed) = self.book.files.get_mut(&contest.holder) else { return };
        let Ok(verdict) = source.judge(followed) else { return };
        let in_place = is_in_place(verdict);
        if verdict == Verdict::Same || (self.queue.is_open(contest.holder) && !in_place) {
            // The old content is still being read from its open file.
            return;
        }
        let unread = followed.is_unfinished;
        if verdict != Verdict::Lookalike {
            followed.restart();
        }
        followed.unsee();
        search.former.extend(followed.os_id().map(|os_id| (os_id, contest.holder)));
        self.book.identify(contest.holder, source.os_id);
        self.queue.close(contest.holder);
        self.queue.push(contest.holder);
        poll.touched.insert(contest.holder);
        if in_place || (unread && verdict == Verdict::Replaced) {
            poll.batch.troubles.push(truncated(self.book.path(place)));
        }
    }

    /// Begins to follow a file that nobody knows.
    fn adopt(&mut self, place: &Place, mut source: Source, after: Option<FileId>, poll: &mut Poll) {
        let existed = !self.book.folder(place.0).known && after.is_none();
        let offset = if existed { self.first_offset(&mut source, poll) } else { Ok(0) };
        let followed = offset.and_then(|offset| self.followed_from(place, &mut source, offset));
        match followed {
            Ok(Some(followed)) => {
                let file = self.begin(followed, &source, poll);
                self.book.after.extend(after.map(|after| (file, after)));
            }
            Ok(None) => {}
            Err(error) => self.tell(unreadable(&self.book.path(place), &error), poll),
        }
    }

    /// Begins to follow a file of which all before `offset` is known from elsewhere.
    pub(super) fn adopt_from(
        &mut self,
        place: &Place,
        source: &mut Source,
        offset: u64,
        poll: &mut Poll,
    ) -> bool {
        let Ok(Some(followed)) = self.followed_from(place, source, offset) else { return false };
        self.begin(followed, source, poll);
        true
    }

    /// The file at a place as it is to be followed from an offset, if a watch asks for it.
    fn followed_from(
        &self,
        place: &Place,
        source: &mut Source,
        offset: u64,
    ) -> std::io::Result<Option<Followed>> {
        let Some(watch) = self.book.folder(place.0).watch_of(&place.1) else { return Ok(None) };
        let (head, tail) = source.marks(offset)?;
        let mut followed = Followed::new(place.clone(), watch);
        (followed.offset, followed.head, followed.tail) = (offset, head, tail);
        Ok(Some(followed))
    }

    fn begin(&mut self, mut followed: Followed, source: &Source, poll: &mut Poll) -> FileId {
        followed.set_lines((followed.offset == 0).then_some(0));
        followed.was_empty = source.look.len == 0;
        followed.changed_at_least(source.look.modified(), poll.now);
        let unread = followed.offset < source.look.len;
        let hot = followed.is_hot(poll.now);
        let file = self.book.adopt(followed, source.os_id);
        self.adopted.insert(file);
        if unread {
            self.queue.push(file);
        } else if !hot {
            self.note_seen(file, source, poll);
        }
        file
    }

    /// Where to begin in a file that existed before the first start.
    fn first_offset(&self, source: &mut Source, poll: &Poll) -> std::io::Result<u64> {
        let from_top = match self.start {
            Start::Beginning => true,
            Start::End => false,
            Start::Since(age) => source.look.modified().is_some_and(|at| {
                poll.now.duration_since(at).unsigned_abs() <= age || at > poll.now
            }),
        };
        if from_top { Ok(0) } else { source.last_line_start() }
    }

    /// Gives up a file whose name was taken and that is nowhere else, unless it is still open.
    fn drop_nameless(&mut self, file: FileId, poll: &mut Poll) {
        if self.book.is_nameless(file) && !self.queue.is_open(file) {
            self.forget(file, poll);
        }
    }
}

fn truncated(path: std::path::PathBuf) -> Trouble {
    Trouble {
        path,
        reason: "truncated",
        lasts: false,
        detail: "this log file was shortened or rewritten before its end was read; it is read \
                 again from the top, and lines written just before that may be lost"
            .to_owned(),
    }
}
