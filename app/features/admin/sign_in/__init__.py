"""登录安全: the second factor of sign-in (E006)."""
