"""What `make bench` runs, and the files it runs on."""
