"""The demo data files, and their generators."""
