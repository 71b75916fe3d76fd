"""Reads and checks CSV files with ideas, comments and upvotes. Knows no database; see `docs/import.md`."""
