"""LoRaWAN frames as bytes: Cayenne LPP, and layouts that a profile describes."""
