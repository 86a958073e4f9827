"""The database: engine, tables, migrations. Knows no conversation, person or turn."""
