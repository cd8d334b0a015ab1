"""What the report says of a verdict: chain, timeline, questions, actions, missing logs."""
