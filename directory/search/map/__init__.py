"""The map of a results page, drawn by the server."""
