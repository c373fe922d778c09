"""How far those watchers are that look at the clock, and where something changed behind them."""
