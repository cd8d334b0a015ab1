"""Clocks of hosts: boots, repair by monotonic time, wrong stretches, skew between hosts, and order."""
