"""One-time codes that prove an email address."""
