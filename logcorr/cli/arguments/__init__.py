"""What a command is given: options, filters, values, settings of logcorr.toml, completion."""
