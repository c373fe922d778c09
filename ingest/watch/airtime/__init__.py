"""How long transmitters were on the air within any 60 minutes, beside the limit of their regime."""
