package io.caskade.bitcask.inspect;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FileCopies;
import io.caskade.bitcask.hint.HintCheck;
import io.caskade.bitcask.inspect.Finding.Severity;
import io.caskade.bitcask.inspect.RepairReport.Lost;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Repairs a damaged copy so that it opens, and keeps every file that it removes.
///
/// | step | a crash leaves |
/// |---|---|
/// | build the result in `repair.new/`, synced | the damaged copy |
/// | link what the result does not have as it is into `lost/N/`, synced | the damaged copy |
/// | create `repairing`, synced | from here on the copy is not opened, and the next repair resumes |
/// | delete the copy's files, link those of the result, sync | the same |
/// | delete `repairing`, sync; delete `repair.new/` | the repaired copy |
final class Repair {

    private final OfflineCopy copy;
    private final Disk disk;
    private final RepairFiles files;
    private final VerifyReport found;
    private final RepairMode mode;
    private final boolean finishedEarlier;

    Repair(OfflineCopy copy, VerifyReport found, RepairMode mode, boolean finishedEarlier) {
        this.copy = copy;
        this.disk = copy.disk();
        this.files = new RepairFiles(disk, copy.directory());
        this.found = found;
        this.mode = mode;
        this.finishedEarlier = finishedEarlier;
    }

    RepairReport run(boolean dryRun) throws IOException {
        if (!found.isDamaged()) {
            return report(false, found.last(), found.records(), List.of(), Optional.empty(), Optional.empty());
        }
        SalvageScan scan = copy.scan();
        Prefix prefix = Prefix.of(scan, found.recoveryPoint());
        boolean losesNothing = prefix.lost(lastKnown()).isEmpty();
        Optional<UUID> id = losesNothing && copy.unreadable().isEmpty() ? Optional.empty() : Optional.of(copy.newId());
        boolean salvages = mode == RepairMode.SALVAGE && !losesNothing;
        List<Lost> lost = salvages ? found.gaps() : prefix.lost(lastKnown());
        if (dryRun) {
            long kept = salvages ? Salvage.count(scan) : prefix.records();
            return report(false, prefix.end(), kept, lost, Optional.empty(), id);
        }
        files.beginBuilding();
        Salvage.Result result = salvages ? Salvage.into(disk, files.building(), copy.partition(), scan) : build(prefix);
        describe(id, salvages, result.end());
        Path aside = files.setAside(salvages ? goodSecret() : unchanged(prefix));
        Optional<DamagedLogException> refusal =
                copy.dryRun(files.building(), result.end()).refusal();
        if (refusal.isPresent()) {
            throw new IOException("the repaired copy would not open; nothing was changed", refusal.get());
        }
        files.swap();
        return report(true, result.end(), result.records(), lost, Optional.of(aside), id);
    }

    private long lastKnown() {
        return Math.max(found.last(), found.recoveryPoint());
    }

    private RepairReport report(
            boolean done, long end, long kept, List<Lost> lost, Optional<Path> aside, Optional<UUID> id) {
        return new RepairReport(found, mode, finishedEarlier, done, end, kept, lost, aside, id);
    }

    private Salvage.Result build(Prefix prefix) throws IOException {
        for (Path file : unchangedOf(prefix)) {
            FileCopies.linkOrCopy(disk, file, files.built(file));
        }
        Path cut = prefix.cut();
        if (cut != null) {
            try (DiskFile file = disk.openForReading(cut)) {
                FileCopies.copy(disk, file, prefix.cutAt(), files.built(cut));
            }
        }
        return new Salvage.Result(prefix.end(), prefix.records());
    }

    /// A copy that has lost a record is another one from now on.
    private void describe(Optional<UUID> id, boolean salvages, long end) throws IOException {
        Optional<CopyState> before = copy.state();
        CopyState state = id.isEmpty()
                ? before.orElseThrow()
                : before.map(old -> salvages ? old.salvaged(id.get(), end) : old.repaired(id.get(), end))
                        .orElseGet(() -> CopyState.unknown(id.get(), copy.partition(), end));
        new CopyMetadataFile(disk, files.building()).write(state);
    }

    /// The files that the result has as they are.
    private Set<Path> unchanged(Prefix prefix) throws IOException {
        Set<Path> unchanged = goodSecret();
        unchanged.addAll(unchangedOf(prefix));
        return unchanged;
    }

    private Set<Path> unchangedOf(Prefix prefix) throws IOException {
        Set<Path> unchanged = new HashSet<>(prefix.whole());
        for (Path segment : prefix.whole()) {
            Path hint = HintCheck.hintOf(segment);
            if (disk.exists(hint) && !isFaulty(hint)) {
                unchanged.add(hint);
            }
        }
        return unchanged;
    }

    private Set<Path> goodSecret() {
        Set<Path> good = new HashSet<>();
        Path secret = copy.directory().resolve(SecretFile.NAME);
        if (!isFaulty(secret)) {
            good.add(secret);
        }
        return good;
    }

    private boolean isFaulty(Path file) {
        return found.findings().stream()
                .anyMatch(finding ->
                        finding.severity() == Severity.DAMAGE && finding.file().equals(file));
    }
}
