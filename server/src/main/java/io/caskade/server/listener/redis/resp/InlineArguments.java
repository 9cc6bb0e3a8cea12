package io.caskade.server.listener.redis.resp;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Splits a line that a person typed into arguments, by the rules of Redis: spaces separate, double quotes know
/// escapes, single quotes only `\'`.
final class InlineArguments {

    private final byte[] line;
    private final List<byte[]> arguments = new ArrayList<>();
    private int at;

    private InlineArguments(byte[] line) {
        this.line = line;
    }

    /// The arguments of a line; null when its quotes are not balanced.
    static byte @Nullable [][] split(byte[] line) {
        return new InlineArguments(line).split();
    }

    private byte @Nullable [][] split() {
        skipSpaces();
        while (!isAtEnd()) {
            byte[] argument = argument();
            if (argument == null) {
                return null;
            }
            arguments.add(argument);
            skipSpaces();
        }
        return arguments.toArray(byte[][]::new);
    }

    private void skipSpaces() {
        while (!isAtEnd() && isSpace(line[at])) {
            at++;
        }
    }

    /// A zero byte ends the line, too: Redis reads it as a C string.
    private boolean isAtEnd() {
        return at >= line.length || line[at] == 0;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    private byte @Nullable [] argument() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (!isAtEnd() && !isSpace(line[at])) {
            byte b = line[at++];
            boolean quoted = b == '"' || b == '\'';
            if (!quoted) {
                bytes.write(b);
            } else {
                boolean closed = b == '"' ? readDoubleQuoted(bytes) : readSingleQuoted(bytes);
                // What follows the closing quote must not belong to the same argument.
                return closed && (isAtEnd() || isSpace(line[at])) ? bytes.toByteArray() : null;
            }
        }
        return bytes.toByteArray();
    }

    private boolean readDoubleQuoted(ByteArrayOutputStream bytes) {
        while (!isAtEnd()) {
            byte b = line[at++];
            if (b == '"') {
                return true;
            }
            if (b != '\\' || isAtEnd()) {
                bytes.write(b);
            } else if (isHexEscape()) {
                bytes.write(Character.digit(line[at + 1], 16) << 4 | Character.digit(line[at + 2], 16));
                at += 3;
            } else {
                bytes.write(unescaped(line[at++]));
            }
        }
        return false;
    }

    private boolean isHexEscape() {
        return line[at] == 'x'
                && at + 2 < line.length
                && Character.digit(line[at + 1], 16) >= 0
                && Character.digit(line[at + 2], 16) >= 0;
    }

    private static int unescaped(byte b) {
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> b;
        };
    }

    private boolean readSingleQuoted(ByteArrayOutputStream bytes) {
        while (!isAtEnd()) {
            byte b = line[at++];
            if (b == '\'') {
                return true;
            }
            if (b == '\\' && !isAtEnd() && line[at] == '\'') {
                at++;
                bytes.write('\'');
            } else {
                bytes.write(b);
            }
        }
        return false;
    }
}
