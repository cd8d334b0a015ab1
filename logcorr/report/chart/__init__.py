"""The timeline as a chart: its axis, its marks, and the drawing."""
