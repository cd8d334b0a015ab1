"""What stands around records: marks of a paste, a collector's header, a record inside a record."""
