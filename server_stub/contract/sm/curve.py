"""Parameters of the recommended SM2 curve (GM/T 0003.5)."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0


def fixed(value: int) -> bytes:
    """Return `value` as 32 bytes, big-endian."""
    return value.to_bytes(32, "big")


Z_CONSTANTS = fixed(A) + fixed(B) + fixed(GX) + fixed(GY)
"""The part of Z that is the same for everyone."""
GENERATOR = b"\x04" + fixed(GX) + fixed(GY)


def point(public: bytes) -> tuple[int, int]:
    """Return the coordinates of `04‖X‖Y`. Raises ValueError when it is not a point of the curve."""
    if len(public) != 65 or public[0] != 4:
        raise ValueError("an SM2 public key is 65 bytes and begins with 04")
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    if x >= P or y >= P or (y * y - (x * x * x + A * x + B)) % P:
        raise ValueError("not a point of the SM2 curve")
    return x, y


def scalar(private: bytes) -> int:
    """Return the private key as a number. Raises ValueError outside [1, n-2]."""
    d = int.from_bytes(private, "big")
    if len(private) != 32 or not 1 <= d <= N - 2:
        raise ValueError("an SM2 private key is 32 bytes in [1, n-2]")
    return d
