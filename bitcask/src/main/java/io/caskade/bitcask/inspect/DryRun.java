package io.caskade.bitcask.inspect;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DryRunDisk;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.recovery.Recovery;
import io.caskade.bitcask.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The effect of opening a log, found by recovering it without hints on a [DryRunDisk].
///
/// @param refusal why the log would not be opened
/// @param end the last record of the log that would be opened; 0 when it would not be
/// @param changes what would be cut and deleted
public record DryRun(Optional<DamagedLogException> refusal, long end, List<DryRunDisk.Change> changes) {

    /// Makes the list immutable.
    public DryRun {
        changes = List.copyOf(changes);
    }

    /// Recovers the log of a directory that the caller has locked. Reads every record.
    ///
    /// @param recoveryPoint as in `Log.open`
    public static DryRun of(Disk disk, Path directory, int partition, long recoveryPoint) throws IOException {
        DryRunDisk dryRun = new DryRunDisk(disk);
        try {
            Recovery.Recovered recovered = Recovery.recover(
                    dryRun, directory, partition, Parallelism.NONE, recoveryPoint, null, (bytes, at, location) -> {});
            for (Segment segment : recovered.segments()) {
                segment.release();
            }
            return new DryRun(Optional.empty(), recovered.end(), dryRun.changes());
        } catch (DamagedLogException e) {
            return new DryRun(Optional.of(e), 0, List.of());
        }
    }
}
