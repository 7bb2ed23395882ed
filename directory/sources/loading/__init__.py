"""The load: from rows of a file to facts in the database."""
