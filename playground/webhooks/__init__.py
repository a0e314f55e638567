"""Callbacks to customers: an outbox written in the transaction that ends a job, and one delivery loop.

`services.enqueue` writes, `engine.deliver_due` sends. Sending from the transaction itself was rejected: a crash
between commit and POST would lose the callback, a POST before commit could announce what never happened.
"""
