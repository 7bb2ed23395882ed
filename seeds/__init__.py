"""What the bundled data is made with, and the demo."""
