"""The trail of sign-ins, refusals and administration."""
