"""Entries and receipts: what each turn used. Knows no text."""
