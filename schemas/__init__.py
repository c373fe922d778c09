"""The language of the system: what a device, a reading, a unit and a refusal are. Imports nothing of ours."""
