"""What can be generated, what is valid, and what it costs. Pure: no ORM, no HTTP, no queue.

The one entry point is `registry.get(model_id, gateway)`, which returns a `Card`. Everything else takes a card, a payload
and what is known of its files (`facts`): `schema.validate` refuses, `preflight` judges the files, `guidance` tells a form
what is impossible and settles it, `pricing` quotes and charges, `hints` remark. A model is one JSON file under
`cards/<gateway>/`, so that adding one needs no code; a Python class per model was rejected because a hundred of them would
each invent their own rules.
"""
