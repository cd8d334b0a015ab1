"""Sigma rules as rules of ours: detections become events, correlations become patterns.

Needs pySigma (the extra ``sigma``), which parses; this package translates, and is imported only when a Sigma file is
met. What cannot be honoured is refused by name with its place, never skipped: a field that these logs do not carry, a
log source that is not among them, a modifier or correlation that has no equivalent.

A detection is the event ``sigma.<name>``; unless it serves a correlation only, it is a pattern too, so that its matches
show up as findings. Events that lie less than a minute apart on one host are one finding.
"""
