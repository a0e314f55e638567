"""Jobs: the row is the truth, the queue only carries hints.

The one entry point is `creation.create_job`; `services` is the only place where a job's state changes, each time by a
conditional UPDATE, with the credits in the same transaction. Engines (`pump`, `archive`, `sweeper`) are loops that call
services. Letting queue messages carry the state was rejected: every broker measured loses or repeats some.
"""
