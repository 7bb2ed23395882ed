"""Points and miles, offline ZIP and city places, geocoders."""
