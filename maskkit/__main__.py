"""The command line's first step, also as ``python -m maskkit``: nothing is loaded before Ctrl-C is quiet."""

import signal


def main() -> None:
    """Run the command line."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # its traceback would show imports, and nothing else
    from maskkit.cli import main as run

    run()


if __name__ == "__main__":
    main()
