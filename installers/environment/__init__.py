"""How a work tree gets its environment: virtual environment, system packages, and failures said in one sentence."""
