"""Sign-in, activation, devices and sessions (E001–E004, E007, 3.1.3.3)."""
