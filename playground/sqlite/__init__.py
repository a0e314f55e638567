"""Django's SQLite backend with a fair queue in front of the one write lock that SQLite has.

Entry point: ``"ENGINE": "playground.sqlite"``.

Decision: SQLite lets a writer that finds the database busy sleep and try again, so under load the luckiest thread wins
again and again and the unluckiest waits for seconds. Inside one process we can do better: before a write, a thread
draws a number and is served in turn. SQLite's own lock stays the truth; the queue only decides who asks for it next,
so several processes still work, as do transactions that bypass the queue. Rejected: one writer thread (every service
would have to hand its transaction over) and a file lock across processes (a system call per write, and unfair too).
"""
