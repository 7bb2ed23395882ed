"""A patient's structured message to a clinic, from the form to the clinic's view."""
