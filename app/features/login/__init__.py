"""Sign-in: welcome at first start, login, activation, forgotten password (登录)."""
