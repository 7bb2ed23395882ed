"""What every slice builds on. It knows nothing of health care."""
