"""Search queries: criteria, filtering, ranking, suggestions."""
