"""What can be generated, what is valid, and what it costs. Pure: no ORM, no HTTP, no queue.

The one entry point is `registry.get(model_id, gateway)`, which returns a `Card`; `schema.validate`, `pricing.quote` and
`hints.hints` take a card and a payload. A model is one JSON file under `cards/<gateway>/`, so that adding one needs no
code; a Python class per model was rejected because a hundred of them would each invent their own rules.
"""
