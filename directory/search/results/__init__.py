"""The results page: cards, facts beside them, filters."""
