"""The self-check: what answers resemble, and what to do next. It never diagnoses."""
