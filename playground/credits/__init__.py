"""The ledger: two accounts per team (test and live), append-only entries, holds.

The one entry point is `services`: `grant`, `hold`, `capture`, `release`, `adjust`, and `verify`. Every movement is one
entry with two deltas (available, held), and the account row carries the sums under check constraints; a full double
entry with counter-accounts was rejected because there is only one kind of money here and nobody to owe it to.
"""
