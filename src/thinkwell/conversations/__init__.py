"""Conversations as trees, owned by one caller. Search, sharing, retention and export join here."""
