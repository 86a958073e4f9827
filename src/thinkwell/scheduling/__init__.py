"""Who is next, and on which replica. Pure: clock and randomness are given; can be simulated."""
