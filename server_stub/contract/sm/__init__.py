"""SM2, SM3 and SM4 behind one interface, and the sealed formats that both ends share."""
