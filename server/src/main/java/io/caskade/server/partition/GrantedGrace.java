package io.caskade.server.partition;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Keeps on disk a bound for how long the lease grants of this node may hold, its longest grace, so that its
/// next process, whose settings may be shorter, can wait them out.
///
/// The file `grace` has the longest grace of which a grant may still count, in milliseconds. It is raised
/// before the first grant, and lowered once the grants of earlier processes have ended.
public final class GrantedGrace {

    private static final String NAME = "grace";
    private static final String NEW_NAME = "grace.new";
    private static final int MAX_BYTES = 64;

    private final Disk disk;
    private final Path directory;
    private final long own;
    private final long former;

    private GrantedGrace(Disk disk, Path directory, long own, long former) {
        this.disk = disk;
        this.directory = directory;
        this.own = own;
        this.former = former;
    }

    /// Reads the file, and raises it to this process's grace. Blocks.
    ///
    /// @param directory of the node; must exist
    /// @param own this process's grace in milliseconds
    /// @throws IOException when the disk fails, or the file cannot be read: then nothing may be granted
    public static GrantedGrace open(Disk disk, Path directory, long own) throws IOException {
        Path file = directory.resolve(NAME);
        if (!disk.exists(file)) {
            GrantedGrace first = new GrantedGrace(disk, directory, own, own);
            first.write(own);
            return first;
        }
        long former = read(disk, file);
        GrantedGrace opened = new GrantedGrace(disk, directory, own, former);
        if (former < own) {
            opened.write(own);
        }
        return opened;
    }

    /// How long, from the start of this process, the grants of earlier ones may hold, in milliseconds.
    public long formerMillis() {
        return former;
    }

    /// Forgets the grants of earlier processes, [#formerMillis] after this one has started. Blocks.
    ///
    /// @throws IOException when the disk fails; the next process waits longer than it must
    public void forgetFormer() throws IOException {
        if (former > own) {
            write(own);
        }
    }

    private static long read(Disk disk, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        try (DiskFile opened = disk.open(file)) {
            opened.read(bytes, 0);
        }
        String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException(
                    file + ": expected the grace of this node's last lease grants in milliseconds, found `" + text
                            + "`; write the longest replication.grace that the node has run with",
                    e);
        }
    }

    private void write(long millis) throws IOException {
        Path fresh = directory.resolve(NEW_NAME);
        if (disk.exists(fresh)) {
            disk.delete(fresh);
        }
        try (DiskFile file = disk.create(fresh)) {
            file.write(ByteBuffer.wrap((millis + System.lineSeparator()).getBytes(StandardCharsets.UTF_8)), 0);
            file.sync();
        }
        disk.rename(fresh, directory.resolve(NAME));
        disk.syncDirectory(directory);
    }
}
