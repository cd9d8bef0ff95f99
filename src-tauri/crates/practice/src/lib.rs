//! A practice fleet: four small servers on loopback with scripted answers.
