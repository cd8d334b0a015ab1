"""How steps are joined: candidates and keys, chains of a sequence, pairing policies, and what must be absent."""
