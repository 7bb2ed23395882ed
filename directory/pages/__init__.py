"""Informational pages: home, the treatment, about the data, privacy, accessibility."""
