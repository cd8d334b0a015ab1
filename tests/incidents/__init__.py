"""Incidents that were written by people who had not read the rules, met once, and kept since then."""
