"""Links in messages under the organisation's rules: judged before they open."""
