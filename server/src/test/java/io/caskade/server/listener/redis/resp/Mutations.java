package io.caskade.server.listener.redis.resp;

import java.util.Random;

/// Spoils texts at random.
public final class Mutations {

    private static final String[] PIECES = {
        "\r\n",
        "\r",
        "\n",
        "*",
        "$",
        "-1",
        "0",
        "1",
        "9",
        "99999999999",
        "*1\r\n",
        "$4\r\n",
        "*3\r\n$",
        "\0",
        "\u00ff",
        "\"",
        "'",
        "\\x",
        " ",
        "PING\r\n",
        "*-1\r\n",
        "$-1\r\n",
        "+OK\r\n",
        ":1\r\n",
        "*1048577\r\n",
        "$536870913\r\n"
    };

    private Mutations() {}

    /// A text with some bytes replaced, removed, repeated or added.
    public static String of(String text, Random random) {
        StringBuilder mutated = new StringBuilder(text);
        for (int i = 1 + random.nextInt(4); i > 0 && mutated.length() > 1; i--) {
            int at = random.nextInt(mutated.length());
            int end = Math.min(mutated.length(), at + 1 + random.nextInt(20));
            switch (random.nextInt(5)) {
                case 0 -> mutated.setCharAt(at, (char) random.nextInt(256));
                case 1 -> mutated.delete(at, end);
                case 2 -> mutated.insert(at, mutated.substring(at, end));
                case 3 -> mutated.insert(at, PIECES[random.nextInt(PIECES.length)]);
                default -> mutated.setLength(at + 1);
            }
        }
        return mutated.toString();
    }
}
