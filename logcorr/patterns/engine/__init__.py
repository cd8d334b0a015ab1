"""What every form is made of: the events of a run, where they could be seen, series, windows, and the rows found."""
