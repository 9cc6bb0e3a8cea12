package io.caskade.cli.output;

import java.util.Map;

/// The look of text at a terminal.
public enum Style {
    /// Without colors.
    PLAIN,
    /// In the terminal's own colors.
    COLORED;

    private static final String RESET = "\u001b[0m";

    /// Colored at a terminal that supports colors, unless `NO_COLOR` is set.
    public static Style of(Map<String, String> environment) {
        boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        return refused || environment.getOrDefault("TERM", "dumb").equals("dumb") ? PLAIN : COLORED;
    }

    public String success(String text) {
        return colorize("\u001b[32m", text);
    }

    public String warning(String text) {
        return colorize("\u001b[33m", text);
    }

    public String error(String text) {
        return colorize("\u001b[31m", text);
    }

    public String key(String text) {
        return colorize("\u001b[36m", text);
    }

    public String faint(String text) {
        return colorize("\u001b[2m", text);
    }

    private String colorize(String color, String text) {
        return switch (this) {
            case PLAIN -> text;
            case COLORED -> color + text + RESET;
        };
    }
}
