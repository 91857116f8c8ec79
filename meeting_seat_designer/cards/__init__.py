"""Name cards (座牌): presets, contents, one-size names, pages for print."""
