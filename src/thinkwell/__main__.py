"""``python -m thinkwell`` is the command ``thinkwell``."""

from thinkwell.cli.main import main

if __name__ == "__main__":
    main()
