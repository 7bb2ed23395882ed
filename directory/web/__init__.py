"""Shared by all pages: errors, headers, compression, assets, languages, template globals."""
