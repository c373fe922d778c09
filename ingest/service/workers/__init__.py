"""Several processes on one shared subscription, and the one that starts, watches and sums them."""
