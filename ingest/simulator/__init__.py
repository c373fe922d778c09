"""The invented valley: simulated devices, their weather, their faults, and what they publish."""
