package io.caskade.testing;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// Unpacks directories that tests keep as ZIP files among their resources.
public final class ZippedFixture {

    private ZippedFixture() {}

    /// Unpacks a resource into a directory.
    ///
    /// @param tests the class next to which the resource is looked up
    /// @param resource its name as [Class#getResourceAsStream] takes it
    public static void unpack(Class<?> tests, String resource, Path into) throws IOException {
        try (InputStream file = tests.getResourceAsStream(resource)) {
            if (file == null) {
                throw new FileNotFoundException(resource);
            }
            ZipInputStream zip = new ZipInputStream(file);
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = into.resolve(entry.getName());
                Files.createDirectories(entry.isDirectory() ? target : into.resolve(target.getParent()));
                if (!entry.isDirectory()) {
                    Files.copy(zip, target);
                }
            }
        }
    }
}
