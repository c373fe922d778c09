"""`python -m ingest.webserver`: the process of the pages. Only a service starts it, and tells it everything."""

from ingest.webserver.server import main

if __name__ == "__main__":
    main()
