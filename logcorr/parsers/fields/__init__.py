"""What formats share: stamps, levels, the parts of a syslog line, values of JSON, and whom a record is from."""
