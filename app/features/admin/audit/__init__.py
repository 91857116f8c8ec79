"""操作审计: the section of the console that looks the server's audit trail up."""
