package io.caskade.cli.output;

/// How text output shows keys and values, and what else it has.
public enum Format {
    /// Printable text as it is, other bytes with escapes.
    TEXT,
    /// Byte for byte, with what tells results from each other, for people.
    RAW_LINES,
    /// Byte for byte and nothing else, for programs.
    RAW
}
