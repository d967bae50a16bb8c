"""SQL text in, a typed plan out."""
