"""Pages to read: home, the treatment, about the data, privacy, accessibility."""
