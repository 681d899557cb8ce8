"""Quality of the models and patterns, held to floors."""
