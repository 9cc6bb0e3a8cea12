package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import java.util.List;

/// The options of `SET`.
///
/// @param expiry when the record expires
/// @param condition what must be true of the key
/// @param returnsOld whether the old value is the reply
record SetOptions(Expiry expiry, Condition condition, boolean returnsOld) {

    private static final long MILLIS_PER_SECOND = 1000;
    private static final List<String> TIMES = List.of("EX", "PX", "EXAT", "PXAT");

    /// The options of `SET` after key and value.
    ///
    /// @throws RedisError when they make no sense
    static SetOptions ofSet(Call call) {
        Condition condition = new Condition.None();
        boolean old = false;
        boolean keeps = false;
        int time = 0;
        for (int i = 3; i < call.size(); i++) {
            if (call.is(i, "NX") && !(condition instanceof Condition.Present)) {
                condition = new Condition.Absent();
            } else if (call.is(i, "XX") && !(condition instanceof Condition.Absent)) {
                condition = new Condition.Present();
            } else if (call.is(i, "GET")) {
                old = true;
            } else if (call.is(i, "KEEPTTL") && time == 0) {
                keeps = true;
            } else if (!keeps && isTime(call, i, time) && i + 1 < call.size()) {
                time = i;
                i++;
            } else {
                throw RedisError.syntax();
            }
        }
        // Redis complains of a time that makes no sense only after all else.
        Expiry expiry = keeps ? new Expiry.Keep() : time == 0 ? new Expiry.Never() : time(call, time);
        return new SetOptions(expiry, condition, old);
    }

    /// Whether an option gives a time; of an option that is repeated, the last counts.
    ///
    /// @param before where there was such an option before, 0 for nowhere
    static boolean isTime(Call call, int index, int before) {
        for (String word : TIMES) {
            if (call.is(index, word)) {
                return before == 0 || call.is(before, word);
            }
        }
        return false;
    }

    /// The time that an option gives.
    ///
    /// @throws RedisError when it is not a number, below 1, or too far away
    static Expiry time(Call call, int index) {
        boolean seconds = Arguments.lower(call.argument(index)[0]) == 'e';
        boolean absolute = call.argument(index).length == 4;
        return expiry(call.command().name(), call.argument(index + 1), seconds, absolute);
    }

    /// When a record expires that is written with a time.
    ///
    /// @throws RedisError when the time is not a number, below 1, or too far away
    static Expiry expiry(String command, byte[] argument, boolean seconds, boolean absolute) {
        long time = Arguments.integer(argument);
        if (time <= 0 || (seconds && time > Long.MAX_VALUE / MILLIS_PER_SECOND)) {
            throw RedisError.invalidExpireTime(command);
        }
        long millis = seconds ? time * MILLIS_PER_SECOND : time;
        if (absolute) {
            return new Expiry.At(millis);
        }
        if (millis > Long.MAX_VALUE - System.currentTimeMillis()) {
            throw RedisError.invalidExpireTime(command);
        }
        return new Expiry.After(millis);
    }
}
