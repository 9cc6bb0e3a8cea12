package io.caskade.cli.process;

import io.caskade.client.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The arguments of this process, as text and as the bytes they were given as. Java keeps the text only, in
/// which all bytes that the locale does not know have become the same character.
///
/// @param texts as Java passes them
/// @param bytes as many as there are texts
/// @param exact whether the bytes are those that were given, not only those of the texts
public record ProcessArguments(List<String> texts, List<Bytes> bytes, boolean exact) {

    /// Linux's list of this process's arguments, each ended by a zero byte.
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    /// What Java puts in the place of bytes that it cannot read.
    private static final char REPLACEMENT = '\ufffd';

    /// Refuses lists of different lengths.
    public ProcessArguments {
        texts = List.copyOf(texts);
        bytes = List.copyOf(bytes);
        if (texts.size() != bytes.size()) {
            throw new IllegalArgumentException(texts.size() + " texts and " + bytes.size() + " byte strings");
        }
    }

    /// Arguments that are text.
    public static ProcessArguments of(String... texts) {
        return ofTexts(true, texts);
    }

    private static ProcessArguments ofTexts(boolean exact, String... texts) {
        return new ProcessArguments(
                List.of(texts), Arrays.stream(texts).map(Bytes::utf8).toList(), exact);
    }

    /// This process's arguments.
    ///
    /// @param texts as Java has passed them to `main`
    public static ProcessArguments ofThisProcess(String... texts) {
        return read(COMMAND_LINE, texts);
    }

    static ProcessArguments read(Path commandLine, String... texts) {
        if (Arrays.stream(texts).allMatch(ProcessArguments::isAscii)) {
            return of(texts); // In every locale these are the bytes.
        }
        try {
            List<Bytes> all = split(Files.readAllBytes(commandLine));
            List<Bytes> last = all.subList(Math.max(0, all.size() - texts.length), all.size());
            return fits(last, texts) ? new ProcessArguments(List.of(texts), last, true) : ofTexts(false, texts);
        } catch (IOException _) {
            return ofTexts(false, texts); // Not Linux.
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static List<Bytes> split(byte[] commandLine) {
        List<Bytes> arguments = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < commandLine.length; at++) {
            if (commandLine[at] == 0) {
                arguments.add(Bytes.of(Arrays.copyOfRange(commandLine, begin, at)));
                begin = at + 1;
            }
        }
        return arguments;
    }

    private static boolean fits(List<Bytes> bytes, String... texts) {
        if (bytes.size() != texts.length) {
            return false;
        }
        for (int i = 0; i < texts.length; i++) {
            if (isAscii(texts[i]) && !bytes.get(i).equals(Bytes.utf8(texts[i]))) {
                return false;
            }
        }
        return true;
    }

    /// How many there are.
    public int size() {
        return texts.size();
    }

    /// The index of the first argument whose bytes are lost; -1 when there is none.
    public int firstLost() {
        return IntStream.range(0, size())
                .filter(i -> !exact && hasReplacement(i))
                .findFirst()
                .orElse(-1);
    }

    /// The index of the first argument whose text is not what was given; -1 when there is none.
    public int firstMisread() {
        return IntStream.range(0, size())
                .filter(i -> hasReplacement(i) && !(exact && bytes.get(i).utf8().equals(Optional.of(texts.get(i)))))
                .findFirst()
                .orElse(-1);
    }

    private boolean hasReplacement(int index) {
        return texts.get(index).indexOf(REPLACEMENT) >= 0;
    }

    /// The arguments up to an index.
    public ProcessArguments first(int count) {
        return new ProcessArguments(texts.subList(0, count), bytes.subList(0, count), exact);
    }

    /// The arguments without those before an index.
    public ProcessArguments from(int index) {
        return new ProcessArguments(texts.subList(index, size()), bytes.subList(index, size()), exact);
    }
}
