"""The foreign envelopes, both directions, as pure functions between wire text and plain values.

`jobs` is the market jobs contract (`createTask`/`recordInfo`, callbacks) of KIE and its relatives; `veo`, `runway`,
`aleph` and `upgrades` are KIE's older contracts with a path per model; `uploads` and `callbacks` belong to all of them.
The same module serves our API and reads an upstream's answers, so that the gateway speaks what it consumes; separate
client and server models were rejected because they would drift.
"""
