"""Order: sort keys, seat paths and the order modes of a region."""
