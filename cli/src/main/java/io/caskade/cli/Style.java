package io.caskade.cli;

import java.util.Map;

/// How kinds of text look at a terminal.
enum Style {
    /// Like all other text.
    PLAIN,
    /// In the terminal's own colours.
    COLOURED;

    private static final String RESET = "\u001b[0m";

    /// The colours when they are wanted: at a terminal that knows any, unless `NO_COLOR` says no.
    static Style of(Map<String, String> environment) {
        boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        return refused || environment.getOrDefault("TERM", "dumb").equals("dumb") ? PLAIN : COLOURED;
    }

    String good(String text) {
        return dressed("\u001b[32m", text);
    }

    String no(String text) {
        return dressed("\u001b[33m", text);
    }

    String bad(String text) {
        return dressed("\u001b[31m", text);
    }

    String key(String text) {
        return dressed("\u001b[36m", text);
    }

    String faint(String text) {
        return dressed("\u001b[2m", text);
    }

    private String dressed(String colour, String text) {
        return switch (this) {
            case PLAIN -> text;
            case COLOURED -> colour + text + RESET;
        };
    }
}
