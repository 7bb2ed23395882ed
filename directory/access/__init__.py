"""From a link in an email to a session: links, one-time codes, sessions and their page."""
