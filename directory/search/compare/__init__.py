"""Professionals side by side."""
