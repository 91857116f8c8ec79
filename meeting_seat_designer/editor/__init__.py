"""The seating editor: a graphics view over the seating document, panels beside it, dialogs above it."""
