"""The demo: its files, and what makes them."""
