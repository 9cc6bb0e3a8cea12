package io.caskade.cli.command;

import io.caskade.client.Bytes;
import java.util.Arrays;
import java.util.HexFormat;

/// Formats bytes as human-readable text: printable text as it is, anything else between double quotes with the
/// escapes that [Tokenizer] reads, so that it can be typed back. Pure.
public final class BytesFormat {

    private static final HexFormat HEX = HexFormat.of();
    private static final int MAX_CHARACTER = 4;

    private BytesFormat() {}

    /// A value that has a line of its own: as it is when every character can be printed, it is not empty and
    /// does not begin with the quote that says otherwise.
    public static String line(Bytes bytes) {
        return bytes.utf8()
                .filter(text -> !text.isEmpty() && text.charAt(0) != '"')
                .filter(text -> text.codePoints().allMatch(BytesFormat::isPrintable))
                .orElseGet(() -> quoted(bytes));
    }

    /// A value among others: also in quotes when it could be taken for more than one word, or for a comment.
    public static String word(Bytes bytes) {
        String line = line(bytes);
        boolean plain = line.indexOf(' ') < 0 && line.charAt(0) != '\'' && line.charAt(0) != '#';
        return plain || line.charAt(0) == '"' ? line : quoted(bytes);
    }

    private static String quoted(Bytes bytes) {
        byte[] all = bytes.toArray();
        StringBuilder text = new StringBuilder("\"");
        int at = 0;
        while (at < all.length) {
            String character = printableAt(all, at);
            if (character.isEmpty()) {
                text.append(escaped(all[at]));
                at++;
            } else {
                text.append(character);
                at += Character.charCount(character.codePointAt(0)) == 1
                        ? utf8Length(character.charAt(0))
                        : MAX_CHARACTER;
            }
        }
        return text.append('"').toString();
    }

    private static String escaped(byte b) {
        return switch (b) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            default -> "\\x" + HEX.toHexDigits(b);
        };
    }

    /// The printable character that begins at an index and needs no escape; empty when there is none.
    private static String printableAt(byte[] all, int at) {
        if (all[at] == '"' || all[at] == '\\') {
            return "";
        }
        for (int length = 1; length <= MAX_CHARACTER && at + length <= all.length; length++) {
            String character =
                    Bytes.of(Arrays.copyOfRange(all, at, at + length)).utf8().orElse("");
            if (!character.isEmpty()) {
                return isPrintable(character.codePointAt(0)) ? character : "";
            }
        }
        return "";
    }

    private static int utf8Length(char c) {
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 ? 2 : 3;
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
