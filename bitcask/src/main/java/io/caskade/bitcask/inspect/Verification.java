package io.caskade.bitcask.inspect;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DryRunDisk;
import io.caskade.bitcask.hint.HintCheck;
import io.caskade.bitcask.inspect.Finding.Severity;
import io.caskade.bitcask.inspect.RepairReport.Lost;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.store.checkpoint.CheckpointCheck;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.SecretFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Verifies every record and hint of a copy. Changes nothing.
final class Verification implements SalvageSink {

    private final OfflineCopy copy;
    private final Disk disk;
    private final SalvageScan scan;
    private final Progress progress;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private final List<Lost> lost = new ArrayList<>();

    private long total;
    private long done;
    private long records;
    private long bytes;
    private long last;
    private long marked;
    private int rightHints;

    Verification(OfflineCopy copy, SalvageScan scan, Progress progress) {
        this.copy = copy;
        this.disk = copy.disk();
        this.scan = scan;
        this.progress = progress;
    }

    VerifyReport run() throws IOException {
        copy.unreadable().ifPresent(what -> findings.add(new Finding(Severity.DAMAGE, copy.copyPath(), 0, 0, what)));
        total = 2 * scan.bytes();
        scan.read(this);
        long recoveryPoint = Math.max(
                Math.max(scan.recoveryPoint(), marked),
                copy.state().map(CopyState::recoveryPoint).orElse(0L));
        boolean whole = judgeGaps(recoveryPoint);
        checkHints();
        checkCheckpoint();
        reportLeftovers();
        Optional<DryRun> dryRun = dryRun(whole && last >= recoveryPoint);
        Optional<DamagedLogException> refusal = dryRun.flatMap(DryRun::refusal);
        refusal.filter(why -> findings.stream().noneMatch(finding -> finding.severity() == Severity.DAMAGE))
                .ifPresent(why -> findings.add(new Finding(
                        Severity.DAMAGE, why.file(), why.offset(), why.sequence(), String.valueOf(why.getMessage()))));
        boolean opens = copy.unreadable().isEmpty() && refusal.isEmpty();
        return new VerifyReport(
                copy.directory(),
                findings,
                scan.segments().size(),
                rightHints,
                records,
                bytes,
                last,
                recoveryPoint,
                lost,
                gaps.stream().mapToLong(Gap::missing).sum()
                        + Math.max(0, recoveryPoint - Math.max(last, lastMissing())),
                opens,
                opening(opens, refusal, dryRun));
    }

    private long lastMissing() {
        return gaps.stream().mapToLong(Gap::last).max().orElse(0);
    }

    private String opening(boolean opens, Optional<DamagedLogException> refusal, Optional<DryRun> dryRun) {
        if (!opens) {
            return "refused: "
                    + refusal.map(DamagedLogException::getMessage)
                            .or(copy::unreadable)
                            .orElse("");
        }
        return dryRun.filter(it -> it.changes().stream().anyMatch(this::isCut))
                .map(it -> "cuts what follows record " + it.end() + ", none of which was acknowledged")
                .orElse("keeps all");
    }

    private boolean isCut(DryRunDisk.Change change) {
        return !change.isDeletion() || scan.segments().contains(change.file());
    }

    @Override
    public void record(ByteBuffer buffer, int at, Path file, long offset) {
        records++;
        bytes += RecordFormat.trustedLength(buffer, at);
        last = RecordFormat.sequence(buffer, at);
        if (RecordFormat.kind(buffer, at) == RecordKind.MARK) {
            marked = Math.max(marked, RecordFormat.markHighWatermark(buffer, at));
        }
    }

    @Override
    public void gap(Gap gap) {
        gaps.add(gap);
    }

    @Override
    public void moved(long more) {
        done += more;
        progress.moved(Math.min(done, total), total);
    }

    /// What is wrong above the recovery point was never acknowledged. Reserved space is not wrong.
    ///
    /// @return whether nothing is wrong
    private boolean judgeGaps(long recoveryPoint) {
        boolean whole = true;
        Optional<Path> newest = scan.segments().isEmpty()
                ? Optional.empty()
                : Optional.of(scan.segments().getLast());
        for (Gap gap : gaps) {
            if (gap.isReserved(recoveryPoint)) {
                continue;
            }
            whole = false;
            lost.add(new Lost(gap.first(), gap.last(), gap.file(), gap.offset(), gap.found()));
            boolean torn = gap.first() > recoveryPoint && newest.equals(Optional.of(gap.file()));
            String passed = gap.bytes() == 0 ? "" : "; " + gap.bytes() + " bytes passed over";
            findings.add(new Finding(
                    torn ? Severity.TORN : Severity.DAMAGE,
                    gap.file(),
                    gap.offset(),
                    gap.first(),
                    gap.found() + passed + missing(gap)));
        }
        return whole;
    }

    private static String missing(Gap gap) {
        return gap.missing() == 0 ? "" : "; records " + gap.first() + " to " + gap.last() + " are missing";
    }

    private void checkHints() throws IOException {
        Optional<byte[]> secret = SecretFile.find(disk, copy.directory());
        Path secretPath = copy.directory().resolve(SecretFile.NAME);
        if (secret.isEmpty() && disk.exists(secretPath)) {
            findings.add(new Finding(
                    Severity.DAMAGE,
                    secretPath,
                    0,
                    0,
                    "damaged; opening creates a new secret and rebuilds all hints; no record is lost"));
        }
        HintCheck check =
                new HintCheck(disk, copy.partition(), secret.map(KeyHasher::new).orElse(null));
        Set<Path> filesWithGaps = new HashSet<>();
        gaps.forEach(gap -> filesWithGaps.add(gap.file()));
        for (Path segment : scan.segments()) {
            if (!filesWithGaps.contains(segment)) {
                judge(check.check(segment), HintCheck.hintOf(segment));
            }
        }
        moved(total - done);
    }

    private void checkCheckpoint() throws IOException {
        Path file = copy.directory().resolve(CheckpointCheck.NAME);
        Optional<CopyState> state = copy.state();
        if (state.isPresent() && state.get().checkpoint().isPresent()) {
            CheckpointCheck.findFault(disk, copy.directory(), state.get())
                    .ifPresent(fault -> findings.add(new Finding(
                            Severity.DAMAGE, file, 0, 0, fault + "; no record is lost: opening recovers the log")));
        } else if (disk.exists(file)) {
            findings.add(new Finding(Severity.REMAINS, file, 0, 0, "not named by `copy`; opening deletes it"));
        }
    }

    private void judge(HintCheck.Result result, Path hint) {
        switch (result.verdict()) {
            case MISSING -> {}
            case RIGHT -> rightHints++;
            case UNUSED ->
                findings.add(new Finding(
                        Severity.REMAINS, hint, result.offset(), 0, result.found() + "; opening reads the segment"));
            case DAMAGED ->
                findings.add(new Finding(
                        Severity.DAMAGE,
                        hint,
                        result.offset(),
                        0,
                        result.found() + "; no record is lost: opening reads the segment and rebuilds it"));
            case WRONG -> findings.add(new Finding(Severity.DAMAGE, hint, result.offset(), 0, result.found()));
        }
    }

    private void reportLeftovers() throws IOException {
        for (Path file : scan.superseded()) {
            findings.add(new Finding(Severity.REMAINS, file, 0, 0, "merged into another segment; opening deletes it"));
        }
        for (Path file : scan.unfinished()) {
            findings.add(new Finding(
                    Severity.REMAINS,
                    file,
                    0,
                    0,
                    "left by an interrupted merge or hint, or a hint without its segment; opening deletes it"));
        }
        for (Path file : copy.strays(scan)) {
            findings.add(stray(file));
        }
    }

    private static Finding stray(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".new")) {
            return new Finding(Severity.REMAINS, file, 0, 0, "left by an interrupted write; meaningless");
        }
        return name.endsWith(".hint")
                ? new Finding(Severity.REMAINS, file, 0, 0, "a hint without its segment; meaningless")
                : new Finding(Severity.STRAY, file, 0, 0, "not a file of a copy; ignored");
    }

    /// A log without gaps that reaches the recovery point opens, and need not be read once more.
    private Optional<DryRun> dryRun(boolean sureToOpen) throws IOException {
        if (sureToOpen || copy.unreadable().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(copy.dryRun(
                copy.directory(), copy.state().map(CopyState::recoveryPoint).orElse(0L)));
    }
}
