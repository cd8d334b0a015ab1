"""The rule files: what they may say, how they are loaded and checked, and the cases beside them."""
