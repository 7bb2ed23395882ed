"""One importer for each public file."""
