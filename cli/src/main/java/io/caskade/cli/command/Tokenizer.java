package io.caskade.cli.command;

import io.caskade.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Splits a line into words at spaces and tabs. A word that begins with `"` ends at the next `"` and may hold
/// blanks and the escapes `\n`, `\r`, `\t`, `\"`, `\\` and `\xHH`, a byte in hexadecimal. A word that begins
/// with `'` ends at the next `'`, and everything in between is literal, as in a word without quotes.
///
/// One instance splits one line, on one thread.
public final class Tokenizer {

    private final byte[] line;
    private int at;

    private Tokenizer(byte[] line) {
        this.line = line;
    }

    /// The words of a line.
    ///
    /// @throws UsageException when a quote or an escape is wrong
    public static List<Bytes> split(byte[] line) throws UsageException {
        Tokenizer words = new Tokenizer(line);
        List<Bytes> found = new ArrayList<>();
        words.skipBlanks();
        while (words.at < line.length) {
            found.add(words.next());
            words.skipBlanks();
        }
        return found;
    }

    private void skipBlanks() {
        while (at < line.length && isBlank(line[at])) {
            at++;
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private Bytes next() throws UsageException {
        return switch (line[at]) {
            case '"' -> quoted();
            case '\'' -> literal();
            default -> bare();
        };
    }

    private Bytes bare() {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        while (at < line.length && !isBlank(line[at])) {
            word.write(line[at++]);
        }
        return Bytes.of(word.toByteArray());
    }

    private Bytes literal() throws UsageException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (at++; at < line.length; at++) {
            if (line[at] == '\'') {
                return ended(word);
            }
            word.write(line[at]);
        }
        throw new UsageException("unclosed quote: '");
    }

    private Bytes quoted() throws UsageException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (at++; at < line.length; at++) {
            switch (line[at]) {
                case '"' -> {
                    return ended(word);
                }
                case '\\' -> word.write(escape());
                default -> word.write(line[at]);
            }
        }
        throw new UsageException("unclosed quote: \"");
    }

    private Bytes ended(ByteArrayOutputStream word) throws UsageException {
        at++;
        if (at < line.length && !isBlank(line[at])) {
            throw new UsageException("a closing quote must be followed by a space");
        }
        return Bytes.of(word.toByteArray());
    }

    /// The byte an escape stands for; leaves `at` on its last character.
    private int escape() throws UsageException {
        at++;
        return switch (at < line.length ? line[at] : 0) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"' -> '"';
            case '\\' -> '\\';
            case 'x' -> hexadecimal();
            default -> throw new UsageException("unknown escape; known are \\n \\r \\t \\\" \\\\ and \\xHH");
        };
    }

    private int hexadecimal() throws UsageException {
        if (at + 2 >= line.length || !HexFormat.isHexDigit(line[at + 1]) || !HexFormat.isHexDigit(line[at + 2])) {
            throw new UsageException("\\x takes two hexadecimal digits");
        }
        at += 2;
        return HexFormat.fromHexDigit(line[at - 1]) << 4 | HexFormat.fromHexDigit(line[at]);
    }
}
