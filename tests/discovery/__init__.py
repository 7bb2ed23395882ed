"""Tests of how the site is found by others."""
