"""What could not be seen: silences, losses and steps of the clock, and the spans that are covered."""
