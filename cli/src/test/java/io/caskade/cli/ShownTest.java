package io.caskade.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.Bytes;
import org.junit.jupiter.api.Test;

class ShownTest {

    @Test
    void printableTextIsShownAsItIs() {
        assertThat(Shown.line(Bytes.utf8("Grüße, \"Welt\" \\ 漢字 😀"))).isEqualTo("Grüße, \"Welt\" \\ 漢字 😀");
    }

    @Test
    void whatCannotBePrintedIsEscapedBetweenQuotes() {
        assertThat(Shown.line(Bytes.of((byte) 'a', (byte) 0, (byte) '\n', (byte) 0xff, (byte) '"')))
                .isEqualTo("\"a\\x00\\n\\xff\\\"\"");
    }

    @Test
    void charactersThatSteerATerminalAreEscaped() {
        assertThat(Shown.line(Bytes.utf8("\u001b[31m\u202e"))).isEqualTo("\"\\x1b[31m\\xe2\\x80\\xae\"");
    }

    @Test
    void printableCharactersOfAnyLengthStayAmongEscapes() {
        assertThat(Shown.line(Bytes.utf8("é漢😀\n"))).isEqualTo("\"é漢😀\\n\"");
    }

    @Test
    void nothingIsShownAsNothingBetweenQuotes() {
        assertThat(Shown.line(Bytes.EMPTY)).isEqualTo("\"\"");
    }

    @Test
    void aWordWithBlanksIsQuoted() {
        assertThat(Shown.word(Bytes.utf8("a b"))).isEqualTo("\"a b\"");
        assertThat(Shown.word(Bytes.utf8("a"))).isEqualTo("a");
    }
}
