"""How any format is read: the protocol of parsers, lines, heads, and blocks of an input."""
