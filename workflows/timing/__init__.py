"""Time in the engine: the clock of a stage, its timers, and what rings them."""
