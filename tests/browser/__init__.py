"""The real product, started as `make run` starts it, in a real Chromium."""
