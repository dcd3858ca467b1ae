"""``python -m maskkit`` is the command line."""

from maskkit.cli import main

if __name__ == "__main__":
    main()
