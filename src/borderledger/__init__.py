"""borderledger: EU migration management in the Western Balkans, as source-cited tables.

The package carries the data package (descriptor, schemas and CSV tables) and the model through which every tool of
the project reads it: `borderledger.package` for the descriptor, schemas and strict tables, `borderledger.edtf` for
its dates, `borderledger.evidence` for what the claims say about a record.
"""
