"""The PDCA plan: document, work, outages, check and act."""
