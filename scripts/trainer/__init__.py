"""The gradient: one JSON request on standard input, files out (docs/design/003-trainer-protocol.md)."""
