"""`/_local/`: what the endpoint holds, for people, and the same as JSON."""
