"""What a Sparkplug host does besides reading: its state, rebirths, data that came before its birth."""
