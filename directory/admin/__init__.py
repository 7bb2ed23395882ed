"""The operator's commands that reach across slices."""
