"""The map of a results page, rendered as SVG on the server."""
