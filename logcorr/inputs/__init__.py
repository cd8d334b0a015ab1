"""From the user's request to sources: which inputs, which part of them, in memory or streamed."""
