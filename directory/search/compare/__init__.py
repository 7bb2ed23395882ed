"""Comparison of up to three professionals."""
