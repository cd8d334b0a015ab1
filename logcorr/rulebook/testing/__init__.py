"""Rule cases run: the cases beside rules, those that every rule gets, and the skeleton of a new rule."""
