"""Emails stored in the caller's transaction, delivered by a worker, retried until done."""
