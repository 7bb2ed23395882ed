"""What programs read: the listings of a search as JSON."""
