"""The foundation of every slice, independent of health care."""
