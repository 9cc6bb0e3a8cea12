package io.caskade.clients;

import java.util.Objects;

/// What a client must have got.
final class Expect {

    private Expect() {}

    static void equal(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError(actual + " instead of " + expected);
        }
    }

    static void between(long least, long most, long actual) {
        if (actual < least || actual > most) {
            throw new AssertionError(actual + " is not from " + least + " to " + most);
        }
    }
}
