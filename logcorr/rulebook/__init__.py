"""The rule files: what they may say, how they are loaded and checked, and the cases beside them."""

from logcorr.rulebook.load import load_rules

__all__ = ["load_rules"]
