//! I/O. Reads the certificates of Qlik Sense from the machine's store and from exported files.

use std::path::{Path, PathBuf};

use crate::config::limits;
use crate::config::load::read_text;
use crate::qlik::certificate::{self, Certificate};

/// Maximum number of files that are read; Qlik Sense exports three.
const ENTRIES: usize = 1000;

/// Where Qlik Sense keeps copies for its services, relative to the parent of its log root.
const EXPORTED: [&str; 3] = ["Repository", "Exported Certificates", ".Local Certificates"];

/// The folder of exported certificates of a node with this log root.
pub fn exported(log_root: &Path) -> PathBuf {
    let sense = log_root.parent().unwrap_or(log_root);
    EXPORTED.iter().fold(sense.to_owned(), |folder, part| folder.join(part))
}

/// `None` if neither source can be read, so that nothing is known about any certificate.
pub(crate) fn certificates(folder: &Path) -> Option<Vec<Certificate>> {
    let (files, store) = (of_files(folder), of_machine());
    if files.is_none() && store.is_none() {
        return None;
    }
    let mut all = files.unwrap_or_default();
    all.extend(store.unwrap_or_default());
    all.sort();
    all.dedup();
    Some(all)
}

fn of_files(folder: &Path) -> Option<Vec<Certificate>> {
    let entries = std::fs::read_dir(folder).ok()?;
    let paths = entries.take(ENTRIES).filter_map(|entry| Some(entry.ok()?.path()));
    let pem =
        paths.filter(|path| path.extension().is_some_and(|it| it.eq_ignore_ascii_case("pem")));
    let texts = pem.filter_map(|path| read_text(&path, limits::TEXT).ok());
    Some(texts.flat_map(|text| certificate::of_pem(&text)).collect())
}

/// The machine's own certificates and their issuing authorities.
#[cfg(windows)]
fn of_machine() -> Option<Vec<Certificate>> {
    let read = |name: &str| {
        let store = schannel::cert_store::CertStore::open_local_machine(name).ok()?;
        let certificates = store.certs().filter_map(|one| certificate::of_der(one.to_der()));
        Some(certificates.collect::<Vec<_>>())
    };
    let mut own = read("My")?;
    let signed = |one: &Certificate| own.iter().any(|it| it.issuer == one.subject);
    let authorities: Vec<_> = read("Root").unwrap_or_default().into_iter().filter(signed).collect();
    own.extend(authorities);
    Some(own)
}

#[cfg(not(windows))]
fn of_machine() -> Option<Vec<Certificate>> {
    None
}
