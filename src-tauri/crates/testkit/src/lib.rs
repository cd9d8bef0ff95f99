//! Loopback servers that speak the real protocols, gated piece by piece; for tests only.
