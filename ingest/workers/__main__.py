"""`python -m ingest.workers`: one worker. Only a supervisor starts it, and tells it everything by standard input."""

from ingest.workers.worker import main

if __name__ == "__main__":
    main()
