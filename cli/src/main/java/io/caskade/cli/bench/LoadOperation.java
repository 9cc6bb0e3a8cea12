package io.caskade.cli.bench;

/// A read or a write of a key.
record LoadOperation(boolean isPut, byte[] key) {}
