package io.caskade.server.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A ZooKeeper user and its password, which is never printed.
public final class ZooKeeperCredentials {

    private final String user;
    private final String password;

    private ZooKeeperCredentials(String user, String password) {
        this.user = user;
        this.password = password;
    }

    /// Reads the password: the whole file in UTF-8 without the line end.
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

    /// The input of ZooKeeper's digest scheme: the only access to the password.
    public byte[] digest() {
        return (user + ":" + password).getBytes(UTF_8);
    }

    @Override
    public String toString() {
        return user;
    }
}
