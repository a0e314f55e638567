"""Pure helpers that everything may use: money, clock, ids, fail points, and the guarded outbound client.

Nothing here knows Django, the queue or a model. Kept apart from the apps so that the catalogue, the wire formats and
the command line can share one idea of a credit and of a millisecond; the alternative, a `utils` module in each app,
is how two roundings come to live in one ledger.
"""
