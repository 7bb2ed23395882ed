"""The public files, with one importer for each kind of file."""
