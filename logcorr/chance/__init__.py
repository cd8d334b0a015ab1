"""What chance alone would give: tails of distributions, effects that follow causes, and what recurs on a period."""
