package io.caskade.cli.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessArgumentsTest {

    private static final String MISREAD = "k\ufffd";

    @TempDir
    private Path directory = Path.of("");

    private Path commandLine = Path.of("");

    @BeforeEach
    void nameTheFile() {
        commandLine = directory.resolve("cmdline");
    }

    private void write(String latin1) throws IOException {
        Files.write(commandLine, latin1.getBytes(ISO_8859_1));
    }

    @Test
    void theBytesAreThoseOfTheLastArgumentsOfTheProcess() throws IOException {
        write("java\0-cp\0a.jar\0Main\0set\0k\u0080\0\0");

        ProcessArguments arguments = ProcessArguments.read(commandLine, "set", MISREAD, "");

        assertThat(arguments.bytes())
                .containsExactly(Bytes.utf8("set"), Bytes.of((byte) 'k', (byte) 0x80), Bytes.EMPTY);
        assertThat(arguments.firstLost()).isEqualTo(-1);
        assertThat(arguments.firstMisread()).isEqualTo(1);
        assertThat(arguments.from(1).firstMisread()).isZero();
        assertThat(arguments.first(1).firstMisread()).isEqualTo(-1);
    }

    @Test
    void aReplacementCharacterThatWasTypedIsNotMisread() throws IOException {
        Files.write(commandLine, ("java\0get\0" + MISREAD + "\0").getBytes(UTF_8));

        ProcessArguments arguments = ProcessArguments.read(commandLine, "get", MISREAD);

        assertThat(arguments.bytes()).containsExactly(Bytes.utf8("get"), Bytes.utf8(MISREAD));
        assertThat(arguments.firstMisread()).isEqualTo(-1);
    }

    @Test
    void bytesAreLostWhereTheSystemDoesNotShowThem() {
        ProcessArguments arguments = ProcessArguments.read(commandLine, "get", MISREAD);

        assertThat(arguments.firstLost()).isEqualTo(1);
        assertThat(arguments.firstMisread()).isEqualTo(1);
    }

    @Test
    void aCommandLineThatIsNotThisProcesssIsNotTaken() throws IOException {
        write("get\0");
        assertThat(ProcessArguments.read(commandLine, "get", MISREAD).exact()).isFalse();
        write("java\0put\0k\u0080\0");
        assertThat(ProcessArguments.read(commandLine, "get", MISREAD).exact()).isFalse();
    }

    @Test
    void argumentsInAsciiAreTakenAsTheyAre() {
        ProcessArguments arguments = ProcessArguments.read(commandLine, "get", "a");

        assertThat(arguments.bytes()).containsExactly(Bytes.utf8("get"), Bytes.utf8("a"));
        assertThat(arguments.exact()).isTrue();
    }
}
