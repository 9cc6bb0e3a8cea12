package io.caskade.bitcask.store.copy;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.keydir.KeyHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file `secret` in a library's directory: the secret of its key hashes.
///
/// ```
///  0  8 bytes "CASKSEC\n"    8  u32 format version    12  32 bytes, random    44  u32 crc32c of all before
/// ```
///
/// Losing it costs only the hints. So a damaged secret is replaced, and one that cannot be written is kept in
/// memory.
public final class SecretFile {

    private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);

    /// Its name.
    public static final String NAME = "secret";

    private static final String NEW_NAME = "secret.new";
    private static final byte[] MAGIC = "CASKSEC\n".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int SECRET_AT = 12;
    private static final int CRC_AT = SECRET_AT + KeyHasher.SECRET_BYTES;
    private static final int BYTES = CRC_AT + Integer.BYTES;

    private SecretFile() {}

    /// The directory's secret; a new one when there is no readable one.
    public static byte[] readOrCreate(Disk disk, Path directory) {
        Path path = directory.resolve(NAME);
        byte[] secret = new byte[KeyHasher.SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        try {
            if (disk.exists(path)) {
                Optional<byte[]> found = read(disk, path);
                if (found.isPresent()) {
                    return found.get();
                }
                LOG.warn("{}: damaged; creating a new secret, all hints will be rebuilt", path);
            }
            write(disk, directory, secret);
        } catch (IOException e) {
            LOG.warn("{}: cannot be read or written; hints will have to be rebuilt", path, e);
        }
        return secret;
    }

    /// The secret of a directory; empty when there is no readable one.
    public static Optional<byte[]> find(Disk disk, Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        return disk.exists(path) ? read(disk, path) : Optional.empty();
    }

    private static Optional<byte[]> read(Disk disk, Path path) throws IOException {
        ByteBuffer bytes = LittleEndian.allocate(BYTES + 1);
        try (DiskFile file = disk.openForReading(path)) {
            file.read(bytes, 0);
        }
        bytes.flip();
        if (bytes.limit() != BYTES
                || !bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                || bytes.getInt(MAGIC.length) != VERSION
                || bytes.getInt(CRC_AT) != checksum(bytes)) {
            return Optional.empty();
        }
        byte[] secret = new byte[KeyHasher.SECRET_BYTES];
        bytes.get(SECRET_AT, secret);
        return Optional.of(secret);
    }

    private static void write(Disk disk, Path directory, byte[] secret) throws IOException {
        ByteBuffer bytes = LittleEndian.allocate(BYTES);
        bytes.put(MAGIC).putInt(VERSION).put(secret).putInt(checksum(bytes)).flip();
        Path newFile = directory.resolve(NEW_NAME);
        if (disk.exists(newFile)) {
            disk.delete(newFile);
        }
        try (DiskFile file = disk.create(newFile)) {
            file.write(bytes, 0);
            file.sync();
        }
        disk.rename(newFile, directory.resolve(NAME));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CRC_AT));
        return (int) crc.getValue();
    }
}
