"""The report without a page: Markdown, and what the terminal says."""
