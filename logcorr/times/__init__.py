"""Points in time and spans as people write them, and as integers of microseconds."""
