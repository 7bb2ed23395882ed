"""Figures of how `directory/` is built: folders, imports, sizes and repeated names."""
