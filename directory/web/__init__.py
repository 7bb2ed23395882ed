"""What every page gets: error pages, headers, compression, assets, languages, template globals."""
