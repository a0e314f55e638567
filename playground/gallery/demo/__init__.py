"""A believable team with a month behind it, for screenshots, measurements, tests, and whoever wants to look around.

Entry point: `story.tell`. All that happened goes through the services at the moment at which it is said to have happened
(`jobs.telling`, `core.clock.standing_at`), so ledger, roll-ups, words and totals agree as they do in a real team; clips
are drawn by the sandbox's own renderer. What goes beyond, for scale, is copied row by row (`jobs.copying`).
"""
