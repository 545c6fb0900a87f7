//! Pure. What Qlik Sense writes: folders, names, columns, script logs, links.
