"""The demo: invented people to try the site with, and a mailbox that keeps its mail."""
