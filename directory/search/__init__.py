"""The nearest practice locations, the results, and the page of a professional."""
