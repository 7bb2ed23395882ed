"""Encrypted columns, audit trail, retention rules."""
