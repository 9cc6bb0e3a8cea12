package io.caskade.settings;

import java.util.Map;

/// A YAML file as it was written: every scalar as text, and everything with the line it starts on, counted
/// from 1.
sealed interface YamlNode {

    int line();

    /// The value for "found" in an error message.
    String found();

    record Scalar(int line, String text) implements YamlNode {
        @Override
        public String found() {
            return '"' + text + '"';
        }
    }

    record Mapping(int line, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String found() {
            return "further settings";
        }
    }

    record Sequence(int line) implements YamlNode {
        @Override
        public String found() {
            return "a list";
        }
    }

    /// A key without a value, or a file without settings.
    record Nothing(int line) implements YamlNode {
        @Override
        public String found() {
            return "nothing";
        }
    }

    /// A key and what it holds; `line` is the key's.
    record Entry(int line, YamlNode value) {}
}
