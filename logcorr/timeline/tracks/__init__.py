"""What is known of each source's records before they are dated: clock columns, and messages that tell about clocks."""
