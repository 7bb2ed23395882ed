"""Search: index, queries, results pages, maps and comparisons."""
