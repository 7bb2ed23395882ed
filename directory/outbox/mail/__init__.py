"""Email as a transport: SMTP, MIME, addresses, templates, delivery status notifications."""
