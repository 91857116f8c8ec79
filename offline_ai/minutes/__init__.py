"""Minutes of meetings from transcripts: chapters, speakers, decisions, open points and tasks (3.2.4.4)."""
