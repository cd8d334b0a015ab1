"""``python -m logcorr``."""

from logcorr.cli import main

if __name__ == "__main__":
    main()
