"""The page of a professional: facts with their sources, places, reports of wrong facts."""
