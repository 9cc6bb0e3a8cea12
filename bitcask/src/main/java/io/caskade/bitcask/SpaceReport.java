package io.caskade.bitcask;

/// How much disk space a store takes.
///
/// @param takenBytes the length of all its files
/// @param liveBytes the length of the records that are read, and of tombstones; an eighth off at most
/// @param boundBytes what it never takes more than, as long as merges run: 2.5 times the live bytes and two
///     files
/// @param slowingPuts whether merges cannot keep up, so that puts are slowed
/// @param delayNanos how long puts have been delayed for that since the store was opened
public record SpaceReport(long takenBytes, long liveBytes, long boundBytes, boolean slowingPuts, long delayNanos) {}
