package io.caskade.bitcask.inspect;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Sets back the time of a log that a wrong clock has brought ahead, by making a new log of its keys. The
/// steps, and what a crash leaves, are those of a [Repair].
final class TimeReset {

    private final OfflineCopy copy;
    private final Disk disk;
    private final RepairFiles files;

    TimeReset(OfflineCopy copy) {
        this.copy = copy;
        this.disk = copy.disk();
        this.files = new RepairFiles(disk, copy.directory());
    }

    TimeResetReport run(CopyState state, long time) throws IOException {
        SalvageScan scan = copy.scan();
        LiveKeys live = LiveKeys.in(scan, time);
        long before = Math.max(live.logTime(), state.bounds().logTime());
        if (before <= time) {
            return new TimeResetReport(before, time, 0, Optional.empty(), Optional.empty());
        }
        files.beginBuilding();
        Salvage.Result result = Salvage.into(disk, files.building(), copy.partition(), scan, live);
        UUID id = copy.newId();
        new CopyMetadataFile(disk, files.building())
                .write(state.repaired(id, result.end()).withBounds(CopyBounds.NONE));
        Path aside = files.setAside(Set.of(copy.directory().resolve(SecretFile.NAME)));
        Optional<DamagedLogException> refusal =
                copy.dryRun(files.building(), result.end()).refusal();
        if (refusal.isPresent()) {
            throw new IOException("the new log would not open; nothing was changed", refusal.get());
        }
        files.swap();
        return new TimeResetReport(before, time, result.records(), Optional.of(aside), Optional.of(id));
    }
}
