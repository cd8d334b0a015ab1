"""Formats of routers, switches, controllers and their consoles."""
