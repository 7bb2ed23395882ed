"""Places that receive inquiries from us, and who works there."""
