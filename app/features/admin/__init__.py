"""The administrators' console inside the client: one page with a list of sections; `app/console.py` says which."""
