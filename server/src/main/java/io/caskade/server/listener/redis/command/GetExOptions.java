package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command.Expiry;

/// The options of `GETEX`.
///
/// @param persists whether the record shall not expire
/// @param time where the option is that gives a time; 0 for nowhere
record GetExOptions(boolean persists, int time) {

    /// The options after the key. A time's number is not read.
    ///
    /// @throws RedisError when they make no sense
    static GetExOptions of(Call call) {
        boolean persists = false;
        int time = 0;
        for (int i = 2; i < call.size(); i++) {
            if (time == 0 && call.is(i, "PERSIST")) {
                persists = true;
            } else if (!persists && SetOptions.isTime(call, i, time) && i + 1 < call.size()) {
                time = i;
                i++;
            } else {
                throw RedisError.syntax();
            }
        }
        return new GetExOptions(persists, time);
    }

    boolean changesExpiry() {
        return persists || time != 0;
    }

    /// When the record expires then.
    ///
    /// @throws RedisError when the time is not a number, below 1, or too far away
    Expiry expiry(Call call) {
        return persists ? new Expiry.Never() : SetOptions.time(call, time);
    }
}
