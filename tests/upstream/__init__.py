"""A provider of our own for tests: a separate process on loopback that speaks ModKie's contract and misbehaves on demand.

Entry point: `client.start_upstream`. Words in braces in a job's prompt script its faults (see `server`). Every request is
appended to a file, so that what really arrived can be counted independently of what the product believes. A mocked
transport was rejected: it dies with the process that is killed, and cannot leave a connection half open.
"""
