"""`python -m ingest.webserver`: the process of the pages. Only the service starts it, and gives it its orders."""

from ingest.webserver.server import main

if __name__ == "__main__":
    main()
