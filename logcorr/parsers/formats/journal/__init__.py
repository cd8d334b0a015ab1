"""What journalctl prints in its output modes: export, JSON, the short modes and verbose."""
