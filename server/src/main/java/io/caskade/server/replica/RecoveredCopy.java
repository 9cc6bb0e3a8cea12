package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;

/// What a copy was found to have when it was opened.
///
/// @param epochs which epochs wrote its log
/// @param logEnd the last record's sequence, 0 when there is none
/// @param durableEnd the last record that survives a power failure
/// @param highWatermark a sequence up to which all is committed
/// @param horizon the purge horizon it was told of last
/// @param completeFrom how far it must get to have every key, 0 when it has; see [Message.AppendRecords]
/// @param logTime the newest time in a committed MARK
public record RecoveredCopy(
        EpochHistory epochs,
        long logEnd,
        long durableEnd,
        long highWatermark,
        long horizon,
        long completeFrom,
        long logTime) {

    /// A copy that has nothing yet.
    public static final RecoveredCopy EMPTY = new RecoveredCopy(EpochHistory.EMPTY, 0, 0, 0, 0, 0, 0);
}
