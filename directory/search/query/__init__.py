"""A search: its criteria, its candidates, its ranking."""
