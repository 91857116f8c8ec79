"""Key management for the console (3.3.4): policy, requests of two administrators, backup, destruction, audit."""
