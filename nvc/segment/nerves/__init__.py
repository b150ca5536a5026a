"""CN VII and CN VIII followed as a pair between canal and brainstem."""
