"""`python -m ingest.service.workers`: one worker. Only a supervisor starts it; standard input tells it everything."""

from ingest.service.workers.worker import main

if __name__ == "__main__":
    main()
