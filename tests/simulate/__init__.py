"""A seeded composer of realistic logs: hosts, programs, noise, incidents, and the forms people export them in."""
