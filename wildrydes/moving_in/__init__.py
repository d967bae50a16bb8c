"""Applications of the service, as people still have them, made into folders that run here."""
