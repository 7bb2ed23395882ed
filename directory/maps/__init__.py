"""The map beside the results: shores and lines, towns' names, the circle, where the pins go."""
