"""What could have been seen: where and when each source was observed, and what limiters hid."""
