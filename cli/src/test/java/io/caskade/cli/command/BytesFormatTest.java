package io.caskade.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.Bytes;
import org.junit.jupiter.api.Test;

class BytesFormatTest {

    @Test
    void printableTextIsUnchanged() {
        assertThat(BytesFormat.line(Bytes.utf8("Grüße, \"Welt\" \\ 漢字 😀"))).isEqualTo("Grüße, \"Welt\" \\ 漢字 😀");
    }

    @Test
    void unprintableBytesAreEscapedBetweenQuotes() {
        assertThat(BytesFormat.line(Bytes.of((byte) 'a', (byte) 0, (byte) '\n', (byte) 0xff, (byte) '"')))
                .isEqualTo("\"a\\x00\\n\\xff\\\"\"");
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(BytesFormat.line(Bytes.utf8("\u001b[31m\u202e"))).isEqualTo("\"\\x1b[31m\\xe2\\x80\\xae\"");
    }

    @Test
    void printableCharactersOfAnyLengthAreKeptAmongEscapes() {
        assertThat(BytesFormat.line(Bytes.utf8("é漢😀\n"))).isEqualTo("\"é漢😀\\n\"");
    }

    @Test
    void emptyBytesAreEmptyQuotes() {
        assertThat(BytesFormat.line(Bytes.EMPTY)).isEqualTo("\"\"");
    }

    @Test
    void aWordWithSpacesIsQuoted() {
        assertThat(BytesFormat.word(Bytes.utf8("a b"))).isEqualTo("\"a b\"");
        assertThat(BytesFormat.word(Bytes.utf8("a"))).isEqualTo("a");
    }
}
