"""`/api/actions`: ModKie's actions contract, one POST per capability, with what each takes and answers as JSON Schema.

`catalogue.ACTIONS` is the one list: views, validation, `…/schema` and documentation all read it.
"""
