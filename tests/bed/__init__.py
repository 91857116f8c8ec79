"""The test bed: screens, buses, databases, keyrings and the developer's tools, each started privately."""
