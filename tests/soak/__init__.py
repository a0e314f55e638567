"""A soak of the whole product in live mode: real processes, a stand-in upstream on which everything goes wrong, and SIGKILLs.

`make soak` (or `python -m tests.soak --jobs 2000 --seed 1`) runs it and judges it by the upstream's own log. It prints what
it found, and ends with 1 if a promise was broken. `arena` starts and kills, `verdict` judges.
"""
