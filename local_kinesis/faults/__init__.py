"""Faults on command: an endpoint that misbehaves when told to, and always alike."""
