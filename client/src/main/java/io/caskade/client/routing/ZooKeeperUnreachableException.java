package io.caskade.client.routing;

/// ZooKeeper did not answer in time. The message is one human-readable line and names the setting.
public final class ZooKeeperUnreachableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String message;

    ZooKeeperUnreachableException(String message) {
        super(message);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
