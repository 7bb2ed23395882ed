"""Reads public files: archives, CSV, workbooks and their columns."""
