"""Stamps to UTC: the years, zones and days that a source leaves out, and what tells them."""
