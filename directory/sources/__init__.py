"""The public files: one importer a file."""
