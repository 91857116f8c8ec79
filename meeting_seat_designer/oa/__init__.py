"""People from the OA meeting system over HTTP; the interface is described in docs/seating.md."""
