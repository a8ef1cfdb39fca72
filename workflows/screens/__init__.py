"""What the engine's screens show: reads only, one module a screen."""
