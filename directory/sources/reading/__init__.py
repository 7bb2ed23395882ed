"""Reading public files: archives, CSV, workbooks, columns."""
