package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.RehearsalDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What opening a log would do, found out by recovering it without hints on a disk that does not change.
///
/// @param refusal why the log would not be opened
/// @param end the last record of the log that would be opened; 0 when it would not be
/// @param changes what would be cut and deleted
public record Rehearsal(Optional<DamagedLogException> refusal, long end, List<RehearsalDisk.Change> changes) {

    /// Makes the list immutable.
    public Rehearsal {
        changes = List.copyOf(changes);
    }

    /// Rehearses the opening of a directory that the caller has locked. Reads every record.
    ///
    /// @param persistedFloor as in [Log#open]
    public static Rehearsal of(Disk disk, Path directory, LogOptions options, long persistedFloor) throws IOException {
        RehearsalDisk rehearsal = new RehearsalDisk(disk);
        try {
            Recovery.Recovered recovered =
                    Recovery.recover(rehearsal, directory, options, persistedFloor, null, (bytes, at, location) -> {});
            for (Segment segment : recovered.segments()) {
                segment.release();
            }
            return new Rehearsal(Optional.empty(), recovered.end(), rehearsal.changes());
        } catch (DamagedLogException e) {
            return new Rehearsal(Optional.of(e), 0, List.of());
        }
    }
}
