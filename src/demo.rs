//! I/O. A make-believe Qlik Sense node that writes its logs as the real one does.
