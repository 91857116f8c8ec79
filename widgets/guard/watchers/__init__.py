"""Who notices captures: X11 clients, processes, the PrintScreen key, D-Bus names, portals, PipeWire."""
