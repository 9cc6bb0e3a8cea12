package io.caskade.server.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A user of ZooKeeper and its password, which is never shown.
public final class ZooKeeperCredentials {

    private final String user;
    private final String password;

    private ZooKeeperCredentials(String user, String password) {
        this.user = user;
        this.password = password;
    }

    /// Reads the password: all of the file in UTF-8 but the line's end.
    ///
    /// @throws IOException that names the setting, when the file cannot be read or holds no password
    static ZooKeeperCredentials read(String user, Path passwordFile) throws IOException {
        String password;
        try {
            password = Files.readString(passwordFile, UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new IOException("zookeeper.password-file: cannot read " + passwordFile + ": " + e, e);
        }
        if (password.isEmpty() || password.lines().count() > 1) {
            throw new IOException("zookeeper.password-file: expected one line, the password, in " + passwordFile);
        }
        return new ZooKeeperCredentials(user, password);
    }

    /// The user's name.
    public String user() {
        return user;
    }

    /// What ZooKeeper's digest scheme is told: the only way to the password.
    public byte[] digest() {
        return (user + ":" + password).getBytes(UTF_8);
    }

    @Override
    public String toString() {
        return user;
    }
}
