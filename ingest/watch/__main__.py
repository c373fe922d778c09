"""`python -m ingest.watch`: the process of the watch. Only the service starts it, and gives it its settings."""

from ingest.watch.server import main

if __name__ == "__main__":
    main()
