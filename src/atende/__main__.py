"""`python -m atende`."""

from atende.main.cli import main

main()
