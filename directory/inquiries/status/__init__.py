"""The patient's status page."""
