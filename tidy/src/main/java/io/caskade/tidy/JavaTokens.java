package io.caskade.tidy;

import java.util.ArrayList;
import java.util.List;

/// The identifiers, comments and literals of a Java source, in order, each with its line. A comment or literal
/// of several lines is one token per line.
final class JavaTokens {

    /// What a token is.
    enum Kind {
        IDENTIFIER,
        COMMENT,
        LITERAL
    }

    /// A part of the source that rules look at.
    record Token(Kind kind, int line, String text) {}

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    private JavaTokens(String source) {
        this.source = source;
    }

    static List<Token> of(String source) {
        JavaTokens scanner = new JavaTokens(source);
        while (scanner.at < source.length()) {
            scanner.next();
        }
        return scanner.tokens;
    }

    private void next() {
        char c = source.charAt(at);
        if (source.startsWith("//", at)) {
            take(Kind.COMMENT, end("\n", 0));
        } else if (source.startsWith("/*", at)) {
            take(Kind.COMMENT, end("*/", 2));
        } else if (source.startsWith("\"\"\"", at)) {
            at += 3;
            take(Kind.LITERAL, end("\"\"\"", 3));
        } else if (c == '"' || c == '\'') {
            take(Kind.LITERAL, endOfQuoted(c));
        } else if (Character.isJavaIdentifierStart(c)) {
            int end = at;
            while (end < source.length() && Character.isJavaIdentifierPart(source.charAt(end))) {
                end++;
            }
            take(Kind.IDENTIFIER, end);
        } else {
            line += c == '\n' ? 1 : 0;
            at++;
        }
    }

    private int end(String terminator, int included) {
        int end = source.indexOf(terminator, at + included);
        return end < 0 ? source.length() : end + included;
    }

    private int endOfQuoted(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote && source.charAt(end) != '\n') {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        return Math.min(source.length(), end + 1);
    }

    private void take(Kind kind, int end) {
        for (String part : source.substring(at, end).split("\n", -1)) {
            tokens.add(new Token(kind, line, part));
            line++;
        }
        line--;
        at = end;
    }
}
