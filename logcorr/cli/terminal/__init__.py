"""How the terminal shows things: bars, tables, notices, and what goes to standard output."""
