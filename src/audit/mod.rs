//! Audit: manifest and lineage; verify and trace.
