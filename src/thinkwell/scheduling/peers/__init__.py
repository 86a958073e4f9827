"""Other policies behind the same Line: what the fair line is measured beside. No site runs them."""
