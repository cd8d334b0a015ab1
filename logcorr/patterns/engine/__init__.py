"""What every form is made of: the events of a run, what was observed, candidates, joins, pairing, the rows found."""
