"""What this study asks of the engine: outcomes, estimates, inference, sensitivity, plan, forecast."""
