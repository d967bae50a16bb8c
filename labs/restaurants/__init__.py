"""How will a guest rate a restaurant? The course's second lab on Amazon ML."""
