"""Exact points for practice locations, by batch geocoding."""
