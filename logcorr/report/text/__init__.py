"""How the report writes: times, the words of the trade, log text made inert."""
