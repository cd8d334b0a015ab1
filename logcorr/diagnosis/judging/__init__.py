"""How a cause is weighed: its signs found, its extent, its competitors, the standard of proof."""
