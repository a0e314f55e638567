"""Requests made from /api/openapi.json, by thousands: what is answered is what the document says, and never a 5xx.

`make schemathesis` starts a Rushes of its own, with limits that let them all through; with URL and KEY (a test key that
may manage) it asks one that runs already.
"""
