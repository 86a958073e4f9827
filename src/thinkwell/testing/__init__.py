"""Shipped fakes: clocks, named scenarios, a scripted engine, a scripted upstream, a simulated engine."""
