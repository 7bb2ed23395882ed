"""The public REST API: search results as JSON."""
