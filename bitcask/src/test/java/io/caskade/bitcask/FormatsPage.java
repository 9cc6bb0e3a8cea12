package io.caskade.bitcask;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The page `docs/formats.md`, whose examples are tested.
public final class FormatsPage {

    private FormatsPage() {}

    /// The lines of the fenced block of a kind, as one text.
    public static String block(String kind) throws IOException {
        String page = Files.readString(find());
        String fence = "\n```" + kind + "\n";
        int from = page.indexOf(fence);
        if (from < 0 || page.indexOf(fence, from + 1) >= 0) {
            throw new AssertionError("docs/formats.md has not exactly one block of kind " + kind);
        }
        int start = from + fence.length();
        return page.substring(start, page.indexOf("```", start));
    }

    /// Tests run in the module's directory or in the repository's.
    private static Path find() {
        for (Path directory :
                new Path[] {Path.of("").toAbsolutePath(), Path.of("..").toAbsolutePath()}) {
            Path page = directory.resolve("docs").resolve("formats.md");
            if (Files.exists(page)) {
                return page;
            }
        }
        throw new AssertionError("docs/formats.md is not where it should be");
    }
}
