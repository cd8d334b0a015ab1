"""One module per format of log, or a folder where a format takes several."""
