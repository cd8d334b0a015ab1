"""The forms of the rule language, one module each: what a pattern may ask for."""
