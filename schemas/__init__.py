"""The terms of the system: devices, readings, units and refusals. Imports nothing else of ours."""
