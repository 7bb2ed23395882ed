"""The search index: listings, posting blocks per cell and name, data versions."""
