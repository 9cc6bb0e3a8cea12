package io.caskade.server.listener.redis.command;

import java.util.ArrayList;
import java.util.List;

/// Which arguments of a command are keys.
///
/// @param first the index of the first key, the command's name being 0; 0 when there is none
/// @param last the index of the last key; negative from the end, -1 for the last argument
/// @param step from one key to the next
record KeySpec(int first, int last, int step) {

    static final KeySpec NONE = new KeySpec(0, 0, 0);
    static final KeySpec FIRST = new KeySpec(1, 1, 1);
    static final KeySpec ALL = new KeySpec(1, -1, 1);

    /// The index of the last key among so many arguments.
    int lastOf(int arguments) {
        return last < 0 ? arguments + last : Math.min(last, arguments - 1);
    }

    /// The keys among a command's arguments, its name first.
    List<byte[]> of(byte[][] arguments) {
        List<byte[]> keys = new ArrayList<>();
        if (first != 0) {
            for (int i = first; i <= lastOf(arguments.length); i += step) {
                keys.add(arguments[i]);
            }
        }
        return keys;
    }
}
