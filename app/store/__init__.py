"""The encrypted local store: key slots, schema, migrations, queries, full text, recovery."""
