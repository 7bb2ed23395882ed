"""The pages of clinic staff."""
