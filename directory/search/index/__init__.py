"""The search index: listings, cells, and the versions of the data."""
