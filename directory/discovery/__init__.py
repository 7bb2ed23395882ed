"""How the site is found by others: what search engines index, and what a shared link shows."""
