"""The results page: cards with their facts, and filters."""
