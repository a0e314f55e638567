"""A provider of our own for tests: a separate process on loopback that speaks the contracts of KIE and ModKie as they were
measured, and misbehaves on demand.

Entry point: `client.start_upstream`; by hand, `make demo-upstream`. Words in braces in a job's prompt script its faults, a
seed scatters them (see `faults`). Every request is appended to a file, so that what really arrived can be counted
independently of what the product believes. Nothing in the product knows it. A mocked transport was rejected: it dies with
the process that is killed, and cannot leave a connection half open.
"""
